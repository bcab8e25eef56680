from .core import Base, Base as Layer
__version__ = '1'

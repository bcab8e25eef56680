from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from .base import Base

"""What a run is seen to do: random draws, their place and their effect."""

"""What rules ask for: call sites, containers of modules, random draws, declared intent."""

"""Students that are trained on outputs which name no class."""

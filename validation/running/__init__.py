"""How a run gets its replicates: tasks, workers, looks, cost."""

"""conversation:{id}: people and a model talk; the model's answers are seen as they are told."""

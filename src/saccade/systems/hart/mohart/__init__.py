"""Several objects of one video (MOHART): how they hear of each other, tracker, evaluation."""

"""From a clip and a model to an answer: prediction, batches, timeline, enrolment, explanation, results."""

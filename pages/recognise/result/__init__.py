"""What is shown of clips once their features are extracted: answers, times, reasons, and more."""

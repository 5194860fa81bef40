"""Numbers of several digits: this service beside OCR engines, on the same pictures."""

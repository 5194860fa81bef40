"""Bytes -> drawings: encoded images, multipart forms and raw pixels."""

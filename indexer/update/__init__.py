"""What changes a gallery, under its lock: enrolment, publishing, forgetting, copying, another model."""

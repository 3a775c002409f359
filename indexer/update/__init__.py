"""Changes to a gallery, made under its lock: enrolment, publishing, forgetting, copying, another model."""

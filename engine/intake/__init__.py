"""Networks that were trained elsewhere: described, tried out and calibrated before they are used."""

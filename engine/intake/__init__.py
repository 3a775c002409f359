"""Networks that were trained elsewhere: described, tested and calibrated before they are used."""

"""The measures that come with hybench, one file each, with the measure's name."""

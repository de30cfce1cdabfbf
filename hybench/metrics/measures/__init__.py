"""The measures that come with hybench, a file each, named as the measure is."""

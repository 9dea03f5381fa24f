"""What Explore computes from a feature table: effect sizes, maps and RadViz."""

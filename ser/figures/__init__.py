"""Numbers in, plotly figures out: nothing in here loads, fits or predicts.

`style` is the look that all figures share, `clip` draws one clip and its answer, `dataset` draws the feature table,
`training` draws a run and its evaluation.
"""

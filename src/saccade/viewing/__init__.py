"""Everything that people look at: overlays, plots, videos, tables and the HTML report.

Import from the rooms themselves, so that a program that writes a video does not pay for matplotlib:

- `overlays`: height maps, masks, Q maps and pushes as uint8 RGB pictures;
- `montage`: pictures side by side and below one another, captions;
- `images`: encoding, data URIs, PNG files;
- `plots`: matplotlib figures (learning curves, precision and recall, intervals, Q panels);
- `timelines`: curves over time with marked moments;
- `video`: streaming H.264 writing and reading;
- `tables`: one table as terminal text, Markdown and HTML;
- `report`: one self-contained HTML file for an evaluation.
"""

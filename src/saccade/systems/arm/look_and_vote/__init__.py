"""Look and vote: attention learned by cross-entropy, poses by votes of the pixels it looks at.

The same two steps as the paper's: first where to look, then the next-best pose from the crop there
alone. Both are learned from (what is seen, the pose at the next keyframe), and go on learning from
episodes of their own.
"""

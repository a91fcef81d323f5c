"""Settings by name.

`paper-kitti` and `paper-kth` have the paper's figures, `cpu` (the defaults) trains on two cores,
`smoke` runs everything in seconds.
"""

from __future__ import annotations

from dataclasses import replace

from saccade.attention.gaussian_glimpse import GaussianGlimpseConfig
from saccade.networks.conv_stack import ConvStackConfig
from saccade.systems.hart.config import (
    DataConfig,
    FinetuneConfig,
    FitConfig,
    HartConfig,
    LossConfig,
)
from saccade.systems.hart.model_config import (
    AppearanceConfig,
    MemoryConfig,
    MotionConfig,
    RatmConfig,
    SearchConfig,
)


def paper_kitti_preset() -> HartConfig:
    """Section 5.2, and where it contradicts itself the settings that were published with it."""
    return HartConfig(
        glimpse=GaussianGlimpseConfig(height=56, width=56),
        appearance=AppearanceConfig(
            v1="alexnet", norm="batch", ventral_maps=5, dorsal_maps=5, hidden=100, matches=0,
            recent_from=1.0,
        ),
        memory=MemoryConfig(units=100, features=100, hidden=100, bypass=False, moved=False),
        motion=MotionConfig(
            units="image", follow="window", through_time=True, gain_start=-2.5, bias_range=0.25,
            bias_start=(0.0, 0.0, 0.0, 0.0), hold_below=0.0,
        ),
        search=SearchConfig(below=0.0),
        loss=LossConfig(log_iou=1.0, giou=1.0, l1=0.0),
        fit=FitConfig(
            optimiser="rmsprop", steps=400_000, batch=10, learning_rate=3.33e-6,
            learning_rate_end=3.33e-6, warm_up=0, length=5, length_end=30, stage_epochs=13,
            forced_steps=0, forced_least=0.0, gap_share=0.0, gradient_rms=0.3,
        ),
        finetune=FinetuneConfig(steps=0),
        data=DataConfig(
            source="kitti", height=187, width=621, clips=300, pool_steps=10_000
        ),
    )  # fmt: skip


def paper_kth_preset() -> HartConfig:
    """Section 5.1: grey frames, V1 as the feature extractor of Kahou et al."""
    kitti = paper_kitti_preset()
    stack = replace(RatmConfig().stack, in_channels=1)
    return replace(
        kitti,
        glimpse=GaussianGlimpseConfig(height=28, width=28),
        appearance=replace(kitti.appearance, v1="stack", stack=stack),
        ratm=RatmConfig(stack=stack),
        fit=replace(kitti.fit, learning_rate=3.33e-5, learning_rate_end=3.33e-5),
        data=DataConfig(source="kth", height=120, width=160, pool_steps=10_000),
    )


def smoke_preset() -> HartConfig:
    """Everything, in seconds; learns nothing worth having."""
    cpu = HartConfig()
    return replace(
        cpu,
        glimpse=GaussianGlimpseConfig(height=16, width=16),
        appearance=replace(
            cpu.appearance, stack=ConvStackConfig(widths=(8, 8, 8)), ventral_maps=4,
            dorsal_maps=4, hidden=16, matches=4,
        ),
        memory=MemoryConfig(units=16, features=16, hidden=16),
        ratm=RatmConfig(
            units=8, metric=16, stack=replace(RatmConfig().stack, widths=(8, 8))
        ),
        fit=replace(
            cpu.fit, steps=6, batch=2, length=3, length_end=4, stage_epochs=1, forced_steps=2,
            checkpoint_every=3,
        ),
        finetune=replace(cpu.finetune, steps=2),
        data=DataConfig(height=48, width=64, clips=4, frames=6, pool_steps=3),
    )  # fmt: skip


PRESETS = {
    "cpu": HartConfig,
    "paper-kitti": paper_kitti_preset,
    "paper-kth": paper_kth_preset,
    "smoke": smoke_preset,
}

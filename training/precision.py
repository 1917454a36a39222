"""bfloat16 where the processor multiplies it; with AVX2 alone it takes several times as long as float32."""

import torch

NARROW = torch.ops.mkldnn._is_mkldnn_bf16_supported()


def autocast() -> torch.autocast:
    return torch.autocast("cpu", torch.bfloat16, enabled=NARROW)

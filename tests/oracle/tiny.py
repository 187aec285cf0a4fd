"""Makes the small random models of runtime/src/test/resources/tiny with their reference values.

    python tests/oracle/tiny.py [NAME...]

For each family without a folder in the shared test data: a few blocks of random weights in BF16, and
what Hugging Face transformers computes with them in fp32 (eager attention): the embedding, the hidden
state behind every block, the logits, and a greedy continuation with a cache. Weights are drawn until no
step of the continuation is closer than GAP, so that equal tokens mean equal models.
"""

import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).resolve().parents[2] / "runtime/src/test/resources/tiny"
TOKENS = 24
GREEDY = 12
GAP = 0.01
VOCABULARY = {"vocab_size": 96, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
COMMON = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "num_hidden_layers": 2,
    "max_position_embeddings": 128,
}
# Families from before Llama, under the keys of their published checkpoints.
EARLY = {
    "bloom": {"hidden_size": 48, "n_layer": 2, "n_head": 6},
    "falcon": {"hidden_size": 32, "num_attention_heads": 4, "num_hidden_layers": 2},
    "gpt2": {"n_embd": 32, "n_head": 4, "n_layer": 2, "n_positions": 64},
    "opt": {
        "hidden_size": 32,
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
        "ffn_dim": 48,
        "max_position_embeddings": 64,
    },
}
MODELS = {
    "olmo2": {},
    "granite": {
        "embedding_multiplier": 6.0,
        "residual_multiplier": 0.4,
        "attention_multiplier": 0.2,
        "logits_scaling": 2.0,
        "attention_bias": True,
        "mlp_bias": True,
    },
    "stablelm": {"use_qkv_bias": True, "tie_word_embeddings": False},
    "stablelm-parallel": {
        "use_parallel_residual": True,
        "qk_layernorm": True,
        "partial_rotary_factor": 0.5,
    },
    "smollm3": {"num_hidden_layers": 4, "rope_theta": 2000000.0},
    "exaone4": {"num_hidden_layers": 4, "sliding_window": 8, "sliding_window_pattern": 4},
    "exaone4-full": {"sliding_window": None, "sliding_window_pattern": 0, "layer_types": ["full_attention"] * 2},
    "qwen3-window": {
        "head_dim": 16,
        "use_sliding_window": True,
        "sliding_window": 8,
        "max_window_layers": 1,
    },
    "llama-yarn": {
        "rope_scaling": {
            "rope_type": "yarn",
            "factor": 4.0,
            "original_max_position_embeddings": 16,
        }
    },
    "bloom-normed": {"apply_residual_connection_post_layernorm": True},
    "falcon-one-key": {"multi_query": True, "ffn_hidden_size": 40, "activation": "gelu_new"},
    "falcon-alibi": {
        "hidden_size": 48,
        "num_attention_heads": 12,
        "alibi": True,
        "multi_query": False,
        "parallel_attn": False,
        "bias": True,
    },
    "falcon-one-norm": {
        "new_decoder_architecture": True,
        "num_kv_heads": 2,
        "num_ln_in_parallel_attn": 1,
        "rope_theta": 500.0,
        "rope_scaling": {"rope_type": "linear", "factor": 2.0},
    },
    "gpt2-scaled": {
        "n_inner": 40,
        "activation_function": "tanh",
        "scale_attn_by_inverse_layer_idx": True,
        "reorder_and_upcast_attn": True,
        "tie_word_embeddings": False,
    },
    "gpt2-unscaled": {"n_inner": 24, "activation_function": "quick_gelu", "scale_attn_weights": False},
    "gpt_neox-sequential": {
        "use_parallel_residual": False,
        "attention_bias": False,
        "hidden_act": "gelu_new",
        "rope_parameters": {"rope_type": "default", "rope_theta": 500.0, "partial_rotary_factor": 0.5},
    },
    "gpt_neox-tied": {"tie_word_embeddings": True, "rotary_pct": 1.0, "rotary_emb_base": 2000},
    "opt-narrow": {"do_layer_norm_before": False, "word_embed_proj_dim": 16},
    "opt-bare": {
        "enable_bias": False,
        "layer_norm_elementwise_affine": False,
        "_remove_final_layer_norm": True,
        "activation_function": "gelu",
        "tie_word_embeddings": False,
    },
    "phi-normed": {
        "qk_layernorm": True,
        "partial_rotary_factor": 0.75,
        "hidden_size": 64,
        "num_attention_heads": 4,
        "tie_word_embeddings": True,
    },
    "llama-dynamic": {
        "max_position_embeddings": 16,
        "rope_scaling": {"rope_type": "dynamic", "factor": 4.0},
    },
    "qwen2_moe": {
        "num_hidden_layers": 3,
        "moe_intermediate_size": 24,
        "shared_expert_intermediate_size": 40,
        "num_experts": 6,
        "num_experts_per_tok": 2,
        "mlp_only_layers": [1],
    },
    "olmoe": {"intermediate_size": 24, "num_experts": 6, "num_experts_per_tok": 3},
    "glm4_moe": {
        "num_hidden_layers": 3,
        "moe_intermediate_size": 16,
        "n_routed_experts": 8,
        "num_experts_per_tok": 3,
        "n_shared_experts": 2,
        "n_group": 4,
        "topk_group": 2,
        "routed_scaling_factor": 1.5,
        "use_qk_norm": True,
        "attention_bias": True,
        "partial_rotary_factor": 0.5,
        "num_mtp_layers": 0,
    },
    "exaone4-pairs": {"sliding_window": 8, "sliding_window_pattern": 2},
    "stablelm-one-key": {"qk_layernorm": True, "num_key_value_heads": 1, "hidden_size": 64},
    "minimax-window": {
        "head_dim": 8,
        "intermediate_size": 32,
        "num_local_experts": 4,
        "num_experts_per_tok": 2,
        "sliding_window": 8,
        "block_size": 8,
    },
    "mixtral-own": {"head_dim": 8, "intermediate_size": 32, "num_local_experts": 4, "num_experts_per_tok": 2},
    "granitemoe-own": {"intermediate_size": 32, "num_local_experts": 4, "num_experts_per_tok": 2},
    "deepseek_v2-biased": {
        "num_key_value_heads": 4,
        "q_lora_rank": None,
        "kv_lora_rank": 16,
        "qk_nope_head_dim": 8,
        "qk_rope_head_dim": 4,
        "v_head_dim": 12,
        "n_routed_experts": 4,
        "n_shared_experts": 2,
        "num_experts_per_tok": 2,
        "moe_intermediate_size": 16,
        "first_k_dense_replace": 1,
        "attention_bias": True,
        "mlp_bias": True,
        "rope_interleave": False,
    },
    "llama-longrope": {
        "rope_scaling": {
            "rope_type": "longrope",
            "factor": 6.0,
            "original_max_position_embeddings": 16,
            "short_factor": [1.0, 1.1, 1.2, 1.3],
            "long_factor": [1.5, 2.0, 2.5, 3.0],
        }
    },
    "llama-linear": {
        "attention_bias": True,
        "mlp_bias": True,
        "rope_scaling": {"rope_type": "linear", "factor": 4.0},
    },
}


# Stored as transformers itself calls and stacks the weights, not as published checkpoints have them.
OWN = ("minimax-window", "mixtral-own", "granitemoe-own")


def randomise(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            noise = torch.randn(p.shape, generator=generator)
            if p.dim() == 1 and name.endswith("weight"):
                p.copy_(1 + 0.3 * noise)
            elif p.dim() == 1:
                p.copy_(0.3 * noise)
            else:
                p.copy_(noise * (1.5 / p.shape[-1] ** 0.5))
            # Parameter by parameter: the rotary frequencies among the buffers must stay fp32.
            p.copy_(p.to(torch.bfloat16))
        for name, p in model.named_buffers():
            if name.endswith("e_score_correction_bias"):
                p.copy_((0.1 * torch.randn(p.shape, generator=generator)).to(torch.bfloat16))


def published(state):
    """The weights as published checkpoints store them: those of each expert in tensors of their own."""
    out = {}
    for name, value in state.items():
        stem, _, last = name.rpartition(".")
        if not stem.endswith(".experts"):
            out[name] = value
            continue
        for e, expert in enumerate(value):
            if last == "gate_up_proj":
                gate, up = expert.chunk(2)
                out[f"{stem}.{e}.gate_proj.weight"] = gate
                out[f"{stem}.{e}.up_proj.weight"] = up
            else:
                out[f"{stem}.{e}.{last}.weight"] = expert
    return out


def blocks(model):
    """The list of decoder layers, whatever the family calls it."""
    lists = [m for m in model.modules() if isinstance(m, torch.nn.ModuleList)]
    return next(m for m in lists if len(m) == model.config.num_hidden_layers)


def reference(model, ids):
    states = {}

    def keep(name):
        def hook(module, args, kwargs, output):
            value = output[0] if isinstance(output, tuple) else output
            states[name] = value.detach()[0].clone()

        return hook

    def keep_input(module, args, kwargs):
        value = args[0] if args else kwargs["hidden_states"]
        states["embed"] = value.detach()[0].clone()

    layers = blocks(model)
    handles = [layers[0].register_forward_pre_hook(keep_input, with_kwargs=True)]
    for i, layer in enumerate(layers):
        handles.append(layer.register_forward_hook(keep(f"hidden_{i}"), with_kwargs=True))
    with torch.no_grad():
        states["logits"] = model(ids[None]).logits[0].clone()
    for h in handles:
        h.remove()
    return states


def greedy(model, ids):
    tokens, gaps, cache, step = [], [], None, ids[None]
    with torch.no_grad():
        for _ in range(GREEDY):
            out = model(step, past_key_values=cache, use_cache=True)
            cache = out.past_key_values
            best = out.logits[0, -1].topk(2)
            tokens.append(int(best.indices[0]))
            gaps.append(float(best.values[0] - best.values[1]))
            step = best.indices[:1][None]
    return tokens, min(gaps)


def make(name, special):
    family = name.split("-")[0]
    keys = {**EARLY.get(family, COMMON), **VOCABULARY, **special}
    config = transformers.AutoConfig.for_model(family, **keys)
    # With eager attention Falcon's ALiBi stands in the mask as well and counts twice.
    config._attn_implementation = "sdpa" if keys.get("alibi") else "eager"
    for seed in range(1, 200):
        model = transformers.AutoModelForCausalLM.from_config(config).eval().float()
        randomise(model, seed)
        ids = torch.randint(3, VOCABULARY["vocab_size"], (TOKENS,), generator=torch.Generator().manual_seed(seed))
        # Before the continuation: dynamic rotary embeddings remember the longest sequence they saw.
        states = reference(model, ids)
        tokens, gap = greedy(model, ids)
        if gap >= GAP:
            break
    else:
        raise SystemExit(f"{name}: no seed gives clear continuations")
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    tied = config.tie_word_embeddings
    state = model.state_dict()
    weights = {
        k: v.to(torch.bfloat16).contiguous()
        for k, v in (state if name in OWN else published(state)).items()
        if not (tied and k == "lm_head.weight")
    }
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    golden = {k: v.float().contiguous() for k, v in states.items()}
    golden["input_ids"] = ids
    golden["greedy"] = torch.tensor(tokens)
    save_file(golden, folder / "golden.safetensors")
    written = {"model_type": family, **keys, "tie_word_embeddings": tied}
    (folder / "config.json").write_text(json.dumps(written, indent=1) + "\n")
    print(f"{name}: seed {seed}, gap {gap:.3f}, logits {states['logits'].std():.2f}")


if __name__ == "__main__":
    for chosen in sys.argv[1:] or MODELS:
        make(chosen, MODELS[chosen])

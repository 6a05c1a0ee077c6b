"""The table of streams: what the training says once per step, and exactly how each number is made.

`x` are the samples of the step, (B, C, S, S) in -1..1; ``u = clip((x + 1) / 2, 0, 1)``; S = 28 and C = 1
unless other images are trained (`sample_streams` says what changes then: twins are nearer than 1.5 S / 28,
colours are read as their mean but for saturation, likeness, diversity and twins). Logits are
D's, before its update, on the reals and fakes of the step; `loss_g` is on the fakes after it.
Natural logarithms unless said. Their order here is their order in `MetricFrame.streams`.
"""

import math

from instrument.learning.gestures import LEARNING, PLACE
from instrument.signals.spec import Kind
from instrument.signals.streams import StreamSpec

STATES = ("healthy", "noise", "collapse", "partial", "underfit", "tyrant")
"""What the training is in, by `state`; 0 is good news. Asked in this order, `healthy` last."""

LAYERS = 3
"""Layers of each net that have weights; all nets here have three."""


def _per_layer(name: str, high: float, help: str, formula: str) -> list[StreamSpec]:
    """One stream for each layer of a net, 1 nearest to its input."""
    return [
        StreamSpec(f"{name}_{i}", 0, high, f"{help}, its layer {i} alone", "", formula)
        for i in range(1, LAYERS + 1)
    ]


_NETS = (
    StreamSpec("loss_d", 0, 3, "what the discriminator still gets wrong; 1.39 is balance", "nats",
               "mean softplus(-D(x)) + mean softplus(D(G(z)))"),
    StreamSpec("loss_g", 0, 6, "how easily the generator is seen through; 0.69 is balance", "nats",
               "mean softplus(-D(G(z)))"),
    StreamSpec("score_real", 0, 1, "how real the digits look to the discriminator", "",
               "mean sigmoid of the logits of the reals"),
    StreamSpec("score_fake", 0, 1, "how real the samples look to the discriminator", "",
               "mean sigmoid of the logits of the fakes"),
    StreamSpec("accuracy_real", 0, 1, "share of digits taken for real", "", "mean[logit > 0]"),
    StreamSpec("accuracy_fake", 0, 1, "share of samples seen through", "", "mean[logit < 0]"),
    StreamSpec("accuracy", 0.5, 1, "how often the discriminator is right; 1 is tyranny", "",
               "(accuracy_real + accuracy_fake) / 2"),
    StreamSpec("margin", 0, 10, "distance at which digits and samples are kept apart", "logits",
               "mean real logit - mean fake logit"),
    StreamSpec("grad_norm_g", 0, 2, "how hard the generator is pushed", "",
               "L2 norm of all gradients before the update"),
    *_per_layer("grad_norm_g", 1.5, "how hard the generator is pushed",
                "L2 norm of the layer's gradients"),
    StreamSpec("grad_norm_d", 0, 3, "how hard the discriminator is pushed", "",
               "L2 norm of all gradients before the update"),
    *_per_layer("grad_norm_d", 2, "how hard the discriminator is pushed",
                "L2 norm of the layer's gradients"),
    StreamSpec("update_g", 0, 0.01, "how far the generator moved; about .001 is healthy", "",
               "norm(delta theta) / norm(theta) of the step"),
    *_per_layer("update_g", 0.01, "how far the generator moved",
                "norm(delta theta) / norm(theta) of the layer"),
    StreamSpec("update_d", 0, 0.01, "how far the discriminator moved", "",
               "norm(delta theta) / norm(theta) of the step"),
    *_per_layer("update_d", 0.01, "how far the discriminator moved",
                "norm(delta theta) / norm(theta) of the layer"),
    StreamSpec("dead_g", 0, 0.5, "share of the generator's units silent for the whole batch", "",
               "share of hidden units (channels) with pre-activation < 0 throughout the fakes"),
    StreamSpec("dead_d", 0, 0.5, "share of the discriminator's units silent for the whole batch", "",
               "share of hidden units (channels) with pre-activation < 0 throughout reals and fakes"),
    *_per_layer("sigma_g", 10, "how much the generator can stretch what it is given",
                "largest singular value of the weight as a matrix (first axis, all others), one turn "
                "of a persistent power iteration per step"),
    *_per_layer("sigma_d", 5, "how much the discriminator can stretch what it is given",
                "largest singular value of the weight as a matrix (first axis, all others), one turn "
                "of a persistent power iteration per step"),
    StreamSpec("drift", 0, 0.05, "how far one step moves the drawings on the wall", "",
               "mean abs(G_t(z0) - G_t-1(z0)), z0 = the 64 latents of the wall; 5 per second"),
    StreamSpec("nonfinite", 0, 1, "1 in the step at which the training burst and was brought back",
               "", "gradient norms or weights not finite, or a weight beyond 1e3"),
)  # fmt: skip

_SAMPLES = (
    StreamSpec("ink", 0, 0.5, "how bright the samples are; digits .13, grey noise .5", "", "mean u"),
    StreamSpec("rms", 0.2, 0.6, "how strong the samples are; digits .33", "",
               "mean_i sqrt(mean u_i^2)"),
    StreamSpec("contrast", 0, 0.35, "light against dark within a sample; digits .30", "",
               "mean_i std(u_i)"),
    StreamSpec("saturation", 0, 1, "share of pixels hard black or white", "", "mean[abs(x) > .99]"),
    StreamSpec("entropy", 0.2, 1, "how evenly greys are used; digits .27, noise 1", "",
               "32-bin histogram of u per image, -sum p log2 p / 5, mean over images"),
    StreamSpec("similarity", 0.3, 1, "how alike the samples are; grey noise is alike too", "",
               "mean over i != j of cos(u_i, u_j)"),
    StreamSpec("similarity_centred", 0, 1, "how alike the samples are, digit-ness taken away", "",
               "mean over i != j of cos(u_i - m, u_j - m), m = mean image of the real digits"),
    StreamSpec("diversity", 0, 0.2, "how much the samples differ; digits .19, collapse 0", "",
               "mean over pixels of the std over the batch (ddof 0)"),
    StreamSpec("duplicates", 0, 1, "share of samples with a twin in the batch", "",
               "share with another sample nearer than L2 1.5 (S = 28)"),
    StreamSpec("edge", 0, 0.16, "how much outline there is; digits .106", "",
               "Sobel / 8, valid (S-2)^2, mean sqrt(gx^2 + gy^2)"),
    StreamSpec("variation", 0, 0.34, "roughness from pixel to pixel; digits .07, noise .33", "",
               "(sum abs dx + sum abs dy) / (2 S (S-1)), mean over images"),
    StreamSpec("slope", -5, 0, "tilt of the spectrum: noise 0, digits -3, blur below -4.5", "",
               "P = mean_i abs(FFT2(u_i - mean u_i))^2 / S^2, rings r = round(S abs f); "
               "least squares of log10 P(r) on log10 r, r = 2..12 S / 28"),
    StreamSpec("centroid", 0.1, 0.4, "where the spectrum has its weight: noise .38, digits .12",
               "cycles/pixel", "sum abs(f) P / sum P"),
    StreamSpec("flatness", 0, 1, "how noise-like the spectrum is: noise 1, digits .14", "",
               "geometric / arithmetic mean of P without DC"),
)  # fmt: skip

_SLOW = (
    StreamSpec("nearest", 0.15, 0.55, "distance to the nearest real digit; digits .19, noise .5", "",
               "mean_i min_j norm(u_i - r_j) / sqrt(C S^2), 2,048 training images; about 4 per second"),
    StreamSpec("frechet", 0, 40, "distance between all samples and all digits", "",
               "Frechet distance on the first 32 principal components of the real digits (u), "
               "window of the last 512 judged samples; about 2 per second"),
    *(StreamSpec(f"class_{k}", 0, 1, f"how much of the batch is a {k}", "",
                 f"mean probability of class {k}, judge of eleven classes") for k in range(10)),
    StreamSpec("reject", 0, 1, "how much of the batch is no digit at all", "",
               "mean probability of the judge's eleventh class"),
    StreamSpec("confidence", 0.3, 1, "how sure the judge is", "",
               "mean over samples of the greatest of the eleven probabilities"),
    StreamSpec("modes", 0, 10, "how many of the ten digits the generator still makes", "digits",
               "classes with q >= .01; q = histogram of the most probable class over the last "
               "1,024 judged samples that were digits"),
    StreamSpec("divergence", 0, 2.303, "how unevenly the ten digits are made; 0 is even", "nats",
               "sum q ln(K q), K = 10 or the kinds a folder has; ln K when nothing was a digit"),
    StreamSpec("score", 1, 10, "sure and manifold at once; real digits reach 9 and more", "",
               "exp(H(mean p) - mean H(p)), p over the ten digits, last 1,024 judged samples"),
    StreamSpec("compressibility", 0, 1, "how much of the wall a packer cannot save", "",
               "zlib level 1 size / raw size of the 64 uint8 tiles"),
    StreamSpec("state", 0, 5, "what the training is in", "",
               "noise: reject > .5; collapse: similarity_centred > .8 and reject < .5; partial: "
               "divergence > .7 (of ln 10); underfit: slope < -4.5; tyrant: accuracy > .98; else healthy",
               choices=STATES),
)  # fmt: skip

_MACHINE = (
    StreamSpec("step", 0, 20000, "training steps made in this show", "steps", "never goes back"),
    StreamSpec("age", 0, 20000, "steps behind these weights; an undo takes it back", "steps",
               "updates made since the nets were new"),
    StreamSpec("steps_per_s", 0, 250, "how fast it trains", "1/s", "over the last half second"),
    StreamSpec("learning_rate_g", 0, 0.002, "learning rate of the generator, as applied", "",
               "rate_g * heat * sqrt(tilt)"),
    StreamSpec("learning_rate_d", 0, 0.002, "learning rate of the discriminator, as applied", "",
               "rate_d * heat / sqrt(tilt)"),
    StreamSpec("pull", -2, 4, "force of collapse: together above 0, apart below", "",
               "of the closed loop of `collapse`, in units of what D asks of G's output"),
    StreamSpec("healing", 0, 1, "how much of the cure is still to come", "",
               "steps of `heal` that are left / 500"),
)  # fmt: skip

FELT = tuple(
    spec.name for spec in LEARNING.specs
    if spec.group in ("tempo", "scar", "veil") and spec.kind in (Kind.FLOAT, Kind.INT, Kind.BOOL)
    and not spec.name.startswith(("digit_", "breath_", "rate_"))
)  # fmt: skip
"""The gestures as streams: what the training feels, breath and undo included, in the gesture's unit."""

_STEERING = tuple(
    StreamSpec(
        name, spec.low, spec.high, f"the gesture {name}, as it is felt", spec.unit, spec.help
    )
    for name, spec in ((name, LEARNING.specs[PLACE[name]]) for name in FELT)
)

STREAMS: tuple[StreamSpec, ...] = (*_NETS, *_SAMPLES, *_SLOW, *_MACHINE, *_STEERING)


def state_of(
    reject: float, similarity_centred: float, divergence: float, slope: float, accuracy: float,
    kinds: int = 10,
) -> int:  # fmt: skip
    """Number of the state in `STATES`. Collapse needs two witnesses: alike *and* digit-like.

    `kinds`: how many classes there are; .7 nats of the ten digits' ln 10 is the same share of ln kinds.
    """
    if reject > 0.5:
        return STATES.index("noise")
    if similarity_centred > 0.8:
        return STATES.index("collapse")
    if divergence > 0.7 * math.log(kinds) / math.log(10) > 0.0:
        return STATES.index("partial")
    if slope < -4.5:
        return STATES.index("underfit")
    return STATES.index("tyrant" if accuracy > 0.98 else "healthy")

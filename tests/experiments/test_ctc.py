"""ctc_loss: not to know when costs nothing, and to guess when costs everything.

Clips of two to five tones of four, each 2 to 5 of 40 frames long, somewhere, in noise of 0.7; a network of
two convolutions names a tone or the blank for each frame. It is trained by CTC, which knows only the tones
and their order; by cross entropy on the true frames; and by cross entropy on a guess, the clip cut into
equal pieces. Here 60 clips and 100 steps of Adam at 0.03; errors are counted on 200 new clips, as edits by
true tone. The chapter has clips of its own; these are others, for two seeds.
"""

import functools
import itertools

import numpy as np
import torch
import torch.nn.functional as F

SEEDS = range(2)
FRAMES, TONES, HEIGHT = 40, 4, 1.75


def clips(count, seed):
    """Frames (N, 4, 40), tones (N, 5) padded by 0, their number, the truth by frame."""
    rng = np.random.default_rng(seed)
    number = rng.integers(2, 6, count)
    tones = rng.integers(1, TONES + 1, (count, 5)) * (np.arange(5) < number[:, None])
    truth = np.zeros((count, FRAMES), int)
    for n in range(count):
        lasts = rng.integers(2, 6, number[n])
        pauses = np.sort(rng.integers(0, FRAMES - lasts.sum() + 1, number[n]))
        starts = pauses + np.cumsum(lasts) - lasts
        for tone, start, last in zip(tones[n], starts, lasts, strict=False):
            truth[n, start : start + last] = tone
    sound = HEIGHT * (truth[:, None] == np.arange(1, TONES + 1)[:, None])
    sound = sound + 0.7 * rng.normal(size=sound.shape)
    return torch.tensor(sound).float(), *map(torch.tensor, (tones, number, truth))


def ctc(logits, tones, number, truth):
    lengths = torch.full((len(tones),), FRAMES)
    return F.ctc_loss(logits.permute(2, 0, 1).log_softmax(2), tones, lengths, number)


def aligned(logits, tones, number, truth):
    return F.cross_entropy(logits, truth)


def equal_pieces(logits, tones, number, truth):
    return F.cross_entropy(logits, tones.gather(1, torch.arange(FRAMES) * number[:, None] // FRAMES))


def train(loss, seed, steps=100):
    """The network; the steps in which all it says is blank."""
    torch.manual_seed(seed)
    model = torch.nn.Sequential(
        torch.nn.Conv1d(TONES, 32, 5, padding=2),
        torch.nn.ReLU(),
        torch.nn.Conv1d(32, TONES + 1, 5, padding=2),
    )
    optimizer, (sound, *facts) = torch.optim.Adam(model.parameters(), lr=0.03), clips(60, seed)
    silent = 0
    for _ in range(steps):
        logits = model(sound)
        silent += (logits.argmax(1) == 0).all().item()
        optimizer.zero_grad()
        loss(logits, *facts).backward()
        optimizer.step()
    return model, silent


def edits(said, true):
    """The least number of tones to insert, leave out or exchange."""
    row = list(range(len(true) + 1))
    for i, a in enumerate(said, start=1):
        corner, row[0] = row[0], i
        for j, b in enumerate(true, start=1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (a != b))
    return row[-1]


@functools.cache
def results(loss, seeds=SEEDS):
    """By seed: errors by tone, share of frames called blank, of silent ones, steps of blanks alone."""
    rows = []
    for seed in seeds:
        model, blanks = train(loss, seed)
        sound, tones, number, truth = clips(200, 100 + seed)
        with torch.no_grad():
            paths = model(sound).argmax(1)
        said = [[tone for tone, _ in itertools.groupby(path) if tone] for path in paths.tolist()]
        wrong = sum(map(edits, said, (t[:n] for t, n in zip(tones.tolist(), number, strict=True))))
        shares = [(frames == 0).double().mean().item() for frames in (paths, truth)]
        rows.append((wrong / number.sum().item(), *shares, blanks))
    return np.array(rows).T


def test_a_true_alignment_is_worth_nothing_and_a_guessed_one_costs_everything():
    wrong, known, guessed = (results(loss)[0] for loss in (ctc, aligned, equal_pieces))
    assert wrong.min() > 0.1 and wrong.max() < 0.4 and known.min() > 0.1 and known.max() < 0.4
    assert abs(wrong - known).max() < 0.15
    assert guessed.min() > 1.8 and guessed.max() < 3.3


def test_ctc_calls_more_frames_blank_than_are_silent_the_others_as_many_or_none():
    (_, ctcs, silent, _), (_, known, *_), (_, guessed, *_) = map(results, (ctc, aligned, equal_pieces))
    assert silent.min() > 0.66 and silent.max() < 0.73
    assert (ctcs > silent + 0.03).all() and ctcs.max() < 0.9
    assert abs(known - silent).max() < 0.05 and guessed.max() < 0.01


def test_ctc_says_nothing_but_blank_for_a_long_while():
    ctcs, known, guessed = (results(loss)[3] for loss in (ctc, aligned, equal_pieces))
    assert ctcs.min() > 12 and ctcs.max() < 85
    assert known.min() > 0 and known.max() < 8 and guessed.max() == 0

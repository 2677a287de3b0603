"""A chapter proves its code: break one exported cell (a sign, an off-by-one), and the chapter must fail."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

NBS = Path(__file__).resolve().parent.parent / "nbs"
# chapter: (what an exported cell says, what it must not say)
MUTATIONS = {
    "01_datasets": [
        ("arr_delay > 15", "arr_delay >= 15"),
        ('side="right"', 'side="left"'),
        ("if not limit >= pd", "if not limit > pd"),
    ],
    "02_book": [
        ('if cell["ratio"] < 1:', 'if cell["ratio"] <= 1:'),
        ("[place - 0.45, place + 0.45]", "[place - 0.45, place - 0.45]"),
        ("high / low < 60", "high * low < 60"),
    ],
    "03_speed": [
        ("n_samples * k // parts", "n_samples * k // parts + 1"),
        ("if n_samples >= SMALL else 1", "if n_samples >= SMALL else 2"),
    ],
    "04_columns": [
        ("mean[j] += delta * n_b[j] / total", "mean[j] += delta * n[j] / total"),
        ("squares_b[j] - rest[j] * rest[j] / n_b[j]", "squares_b[j] + rest[j] * rest[j] / n_b[j]"),
        ("to_low += x <= a", "to_low += x < a"),
        ("return high if to_high <= rank", "return high if to_high < rank"),
        ("b - (b - a) * (1 - share)", "b + (b - a) * (1 - share)"),
    ],
    "10_cleaning": [
        ("values < self.low", "values <= self.low"),
        ("frame[~wrong]", "frame[wrong]"),
        ('if rule.action == "mark":', 'if rule.action in ("mark", "keep"):'),
        ("dict.fromkeys(texts))[:3]", "dict.fromkeys(texts))[:4]"),
        ('"pressure": Valid(900, 1090)', '"pressure": Valid(900, 1100)'),
        ("known & ~_holds(frame, self.valid)", "known & _holds(frame, self.valid)"),
        ("/ 0.6744897501960817", "/ 0.6744897501960817**2"),
        ("third + limit * spread", "third + 2 * limit * spread"),
        ("for turn in (1, -1):", "for turn in (1, 1):"),
        ("rule = rule.learn(part, name)", "rule = rule.learn(part.iloc[1:], name)"),
    ],
    "11_features": [
        ('and dtype.kind != "c"):', "):"),
        ("isinstance(dtype, pd.CategoricalDtype) or (", "("),
        ("or isinstance(v, str) and not v else v", "else v"),
        ("first[k - 1, f + skip]", "first[k - 1, f]"),
        ("np.sin(angle), np.cos(angle)", "np.cos(angle), np.sin(angle)"),
        ("column[p] - low + bias, value[p]", "column[p] - low, value[p]"),
    ],
    "12_scaling": [
        ("scale_entries(X, 1 / scale)", "scale_entries(X, scale)"),
        ("self.mean_ if self.with_mean else zeros", "self.mean_"),
        ("variance <= n * eps * variance + (n * mean * eps) ** 2", "variance <= 0"),
        ("divisor_of(self.data_range_) / (high - low)", "self.data_range_ / (high - low)"),
        ("mean - origin + rest, 0.0)", "mean - origin, 0.0)"),
        ("low) - self.data_min_ * self.scale_", "low) + self.data_min_ * self.scale_"),
    ],
    "13_imputing": [
        ("marker is None or marker is pd.NA", "marker is None and marker is pd.NA"),
        ("end, count = i, count + 1", "end, count = i, count + 2"),
        ("return values.sum() / total", "return values.sum() / len(values)"),
        ("if not kept.all():", "if kept.all():"),
        ("original[rows, marked[places]]", "original[rows, places]"),
        ("n_features * total[i, k] / shared[i, k]", "total[i, k] / shared[i, k]"),
    ],
    "14_categories": [
        ("rare[small[: len(counts) - max_categories + 1]]", "rare[small[: len(counts) - max_categories]]"),
        ("least = 0 if min_frequency", "least = 1 if min_frequency"),
        ("np.cumsum(~rare) - 1", "np.cumsum(~rare)"),
        ("place + start[:-1]", "place - start[:-1]"),
        ("code[(code >= 0) & (code < known)]", "code[(code > 0) & (code < known)]"),
        ('if new and (encoder.handle_unknown == "warn"', 'if new and (encoder.handle_unknown == "ignore"'),
        ("found[zeros, j] = shown[j][dropped[j]]", "found[zeros, j] = shown[j][-1]"),
        ("np.where(same, place, -1)", "np.where(same, place, 0)"),
    ],
    "15_target_encoding": [
        ("share * mean + (1 - share) * prior", "share * prior + (1 - share) * mean"),
        ("square / count / spread if", "square / spread if"),
        ("np.flatnonzero(fold != k), np.flatnonzero(fold == k)", "np.arange(n), np.flatnonzero(fold == k)"),
        ("(y, y[rows].mean(), y[rows].var())", "(y, y.mean(), y.var())"),
        ("np.argsort(turn)[codes]", "codes"),
        ("codes[j // width]", "codes[j % len(codes)]"),
    ],
    "16_text": [
        ("<< 13) | (h >> 19)", "<< 13) | (h >> 18)"),
        ("if at + 4 <= size:", "if at + 4 < size:"),
        ("documents >= least", "documents > least"),
        ("np.where(h >= 0, 1, -1)", "np.where(h >= 0, -1, 1)"),
        ("range(len(words) - n + 1)", "range(len(words) - n)"),
        ("stops[1:] + last", "stops[1:]"),
    ],
    "17_quantiles": [
        ("references[last - 1]", "references[last - 2]"),
        ("if key[ahead] <= value[i]", "if key[ahead] < value[i]"),
        ("width / (high - low) if unit_variance", "width * (high - low) if unit_variance"),
        ("lambdas - 2", "lambdas + 2"),
        ("len(S) / 2 * (2 * lam * pivot", "len(S) / 2 * (lam * pivot"),
        ("2 - lam if turned else lam", "lam"),
        ("sums[owner[far]] -= part", "sums[owner[far]] += part"),
    ],
    "18_selection": [
        ("squares - (mean * sums).sum(0)", "squares + (mean * sums).sum(0)"),
        ("left = strong[j, :j] & (self.copy_of_[:j]", "left = strong[j, :j] | (self.copy_of_[:j]"),
        ("best[k - 1] and other != i", "best[k - 1]"),
        ("b + 1 if b % 2 else b - 1", "b - 1 if b % 2 else b + 1"),
        ("values[i] <= reach[i]:\n                last +=", "values[i] < reach[i]:\n                last -="),
        ("psi[len(x)] + own - psi[sizes]", "psi[len(x)] - own - psi[sizes]"),
        ("self.alpha / m * np.arange", "self.alpha * np.arange"),
        ("self.ranking_[~self.support_] += 1", "self.ranking_[self.support_] += 1"),
    ],
    "19_table": [
        ("np.isnan(N)", "~np.isnan(N)"),
        ("counts[text] += count", "counts[text] -= count"),
        ("row + begin + code[part]", "row + begin - code[part]"),
        ("indicator_.features_ + 0.5", "indicator_.features_ - 0.5"),
        ("if counts[value] >= least", "if counts[value] > least"),
    ],
    "20_metrics": [
        ("np.multiply(true, k, dtype", "np.multiply(true, k + 1, dtype"),
        ("np.average(y, axis=1, weights=weight)[:, None]", "np.average(y, axis=1, weights=weight)[:, None] + 1"),
        ("(both == said) & (both == was)", "(both == was)"),
        ("(score - chance) / (1 - chance)", "(score - chance) / (1 + chance)"),
    ],
    "21_ranking": [
        ("1.0 + last - tps", "last - tps"),
        ("below / 2 / (len(high)", "below / (len(high)"),
        ("precision[:-1]", "precision[1:]"),
        ("tp / (tp + fp) * np.diff", "tp / (tp + 2 * fp) * np.diff"),
        ("area - low", "area + low"),
    ],
    "22_multilabel": [
        ("sums[1] - sums[0], sums[2] - sums[0]", "sums[2] - sums[0], sums[1] - sums[0]"),
        ("(said + was - 2 * tp)", "(said + was - tp)"),
        ('said + was - tp, "jaccard"', 'said + was, "jaccard"'),
        ("(price * seen).sum() / by_chance", "(price * seen).sum() * by_chance"),
        ("axis=1) < k", "axis=1) <= k"),
    ],
    "23_comparison": [
        ("cost_miss * fns", "cost_miss * fps"),
        ("[0, 1, 0, 1], np.int32", "[1, 0, 1, 0], np.int32"),
        ("ends = np.array([1 - level, 1 + level]) / 2", "ends = np.array([1 - level, 1 + level])"),
        ("figure([columns[0], columns[2]], often) - figure", "figure([columns[0], columns[2]], often) + figure"),
        ("2 * tail", "tail"),
    ],
    "24_batches": [
        ("(alpha - 1) * gap", "(1 - alpha) * gap"),
        ("a.weight * share * gap**2", "share * gap**2"),
        ("self.offset**2", "self.offset"),
        ("np.union1d(self.labels, other.labels)", "np.union1d(self.labels, self.labels)"),
        ("np.cumsum(low) - low", "np.cumsum(low)"),
    ],
    "30_optimizers": [
        ("p - p.dtype.type(rate) * g", "p + p.dtype.type(rate) * g"),
        ("[g + self.momentum * v for", "[g - self.momentum * v for"),
        ("else rng.permutation(n_samples)", "else np.arange(n_samples)"),
        ("losses[-1] > losses[0]", "losses[-1] > 0"),
        ("len(rows) * np.asarray(g)", "np.asarray(g)"),
    ],
    "31_adaptive_rates": [
        ("rate * g[i] / (math.sqrt(q) + epsilon)", "rate * g[i] / math.sqrt(q + epsilon)"),
        ("(root * math.sqrt(q) + epsilon)", "math.sqrt(root * root * q + epsilon)"),
        ("1 / math.sqrt(1 - b2**t)", "1.0"),
        ("self.epsilon, rate * self.weight_decay", "self.epsilon, self.weight_decay"),
        ("(step + 1) / (self.steps + 1)", "step / self.steps"),
        ("if self.waited > self.patience", "if self.waited >= self.patience"),
    ],
    "32_subgradients": [
        ("if loss < lowest else", "if loss < np.inf else"),
        ("average + rate / total * (w - average)", "average + (w - average) / (t + 1)"),
        ("(loss - best_loss) / (g @ g)", "(loss - best_loss) / (g @ g) ** 0.5"),
        ("np.abs(x) - threshold, 0", "np.abs(x) - threshold / 2, 0"),
        ("g @ d + d @ d / (2 * rate)", "g @ d + d @ d / rate"),
        ("(momentum - 1) / longer", "(momentum + 1) / longer"),
    ],
    "33_second_order": [
        ("w + size * jump, new", "w - size * jump, new"),
        ("fault == 0", "fault >= 0"),
        ("F1 + r - c", "F1 - r - c"),
        ("steep <= -0.9998 * promise", "steep <= 0.9998 * promise"),
        ("elif steep >= 0.9 * promise", "elif steep <= 0.9 * promise"),
        ("q *= (u @ v) / (v @ (start * v))", "q *= (u @ v) * (v @ (start * v))"),
        ("idle > 10:", "idle > 10_000:"),
    ],
    "34_coordinates": [
        ("r[k] -= step * G[j, k]", "r[k] += step * G[j, k]"),
        ("0.5 * (1 + s * s) * rr", "0.5 * (1 - s * s) * rr"),
        ("shift + step * mean[j]", "shift - step * mean[j]"),
        ("G[old:] -= (self.table.root", "G[old:] += (self.table.root"),
        ("if gap <= tol * (work.y", "if gap >= tol * (work.y"),
    ],
    "40_linear_regression": [
        ("- total * np.outer(shift, shift)", "+ total * np.outer(shift, shift)"),
        ("mean[X.shape[1] :] - mean[: X.shape[1]] @ w", "mean[X.shape[1] :] + mean[: X.shape[1]] @ w"),
        ("return w + scipy.linalg.cho_solve", "return w - scipy.linalg.cho_solve"),
        ("np.vstack([kept, Z[:, :-1]])", "np.vstack([kept[1:], Z[:, :-1]])"),
        ("0, A.T @ (b - A @ w) - least", "0, A.T @ (A @ w - b) - least"),
        ("root * (X @ v - mean[:p] @ v)", "root * (X @ v + mean[:p] @ v)"),
        ("1 / found.total + found.x_mean", "1 / found.total - found.x_mean"),
    ],
    "41_logistic_regression": [
        ("0.5 * (1 + np.tanh(0.5 * z))", "0.5 * (1 - np.tanh(0.5 * z))"),
        ("slope[p] += r", "slope[p] -= r"),
        ("e / ((1.0 + e) * (1.0 + e))", "e / (1.0 + e)"),
        ("part[:, p] = root", "part[:, p] = 1.0"),
        ("Z[own] -= weight", "Z[own] -= 0.5 * weight"),
        ("np.sqrt(s) * P[:, c]", "np.sqrt(s * P[:, c])"),
        ("slope[indices[k]] += r", "slope[indices[k]] -= r"),
        ("np.maximum(np.abs(slope) - l1, 0)", "np.abs(slope)"),
        ("-mean @ Q, np.full", "mean @ Q, np.full"),
        ("gram_descent(H, -slope[A], v", "gram_descent(H, slope[A], v"),
        ("sigmoid(-scores), sigmoid(scores)", "sigmoid(scores), sigmoid(-scores)"),
    ],
    "42_svm": [
        ("paid - beta * r", "paid + beta * r"),
        ("row_add(values, columns, start, i, slope[:m], -pull)", "row_add(values, columns, start, i, slope[:m], pull)"),
        ("2.0 * price", "price"),
        ("out[k, m] = root * scale", "out[k, m] = scale"),
        ("max(free, low[i]), high[i])", "free, high[i])"),
        ("e_low / at.below - e_high / at.above", "e_low / at.below + e_high / at.above"),
        ("np.append(A.T @ q, scale * q.sum())", "np.append(A.T @ q, 0.0)"),
        ("problem.pulled((low + at.below).sum(0)) - at.w", "problem.pulled((low + at.below).sum(0)) + at.w"),
    ],
    "46_neural_network": [
        ("loss += 0.5 * s[i] * r * r", "loss += s[i] * r * r"),
        ("t = d[i, j] if a[i, j] > 0 else 0", "t = d[i, j] if a[i, j] >= 0 else 0"),
        ("variance = 2 / n_in if factor == 2", "variance = 1 / n_in if factor == 2"),
        ("- self.u * (spread_slope / n))", "- self.u * spread_slope)"),
        ("if here > top:", "if here < top:"),
        ("slope[i] += penalty * w[i]", "slope[i] += 2 * penalty * w[i]"),
        ("epoch - good[-1][0] >= patience", "epoch - good[-1][0] > patience"),
    ],
    "47_calibration": [
        ("(yes + 1) / (yes + 2), 1 / (no + 2)", "(yes + 1) / (yes + 2), 1 / (no + 1)"),
        ("mean[top - 1] >= mean[top]", "mean[top - 1] > mean[top] + 0.5"),
        ("total += weight[i] * y[i]", "total += y[i]"),
        ("slope > 0 else (beta, high)", "slope < 0 else (beta, high)"),
        ("_safe_indexing(X, judge)", "_safe_indexing(X, learn)"),
        ("start += counts[c]", "start += counts[c] + 1"),
    ],
    "48_shrinkage": [
        ("H.flat[:: len(A) + 1] += value", "H.flat[:: len(A) + 1] += 2 * value"),
        ("damp=np.sqrt(a)", "damp=a"),
        ("yy - (c + r) @ w", "yy - (c - r) @ w"),
        ("y_mean - x_mean @ W", "y_mean + x_mean @ W"),
        ("max(n * l1_ratio, 1e-300)", "max(l1_ratio, 1e-300)"),
    ],
    "49_other_losses": [
        ("cap * (far - knee)", "cap * far"),
        ("h /= 1.0 - 1.0 / k", "h *= 1.0 - 1.0 / k"),
        ("1.0 - eta * l2", "1.0 + eta * l2"),
        ("weight @ (1 - pull**2)", "weight @ (1 + pull**2)"),
        ("low, high = (1 - quantile)", "high, low = (1 - quantile)"),
        ("np.where(here, 1.0, -1.0)", "np.where(here, -1.0, 1.0)"),
    ],
    "54_kernels": [
        ("p = p * (x - n) + c", "p = p * (x - n) - c"),
        ("2 * math.log2(math.e) * shape.gamma", "math.log2(math.e) * shape.gamma"),
        ("votes[:, i] += values[:, p] > 0", "votes[:, i] += values[:, p] < 0"),
        ("dual[j - 1, own[i]]", "dual[j - 1, own[j]]"),
        ("math.sqrt(2 * self._gamma)", "math.sqrt(self._gamma)"),
    ],
    "55_perceptron": [
        ("speed *= optimizer.learning_rate / rate", "speed *= 1"),
        ("rate, root, root * epsilon, decay", "rate, root, epsilon, decay"),
        ("alpha / mass)", "alpha)"),
        ("if now < best + model.tol else 0", "if now < best - model.tol else 0"),
        ("else 6) / sum(W.shape)", "else 5) / sum(W.shape)"),
        ("np.take(column, rows, axis=0", "np.take(column, rows[::-1], axis=0"),
        ("left.table @ right", "(left.table @ right) * 2"),
        ("slope[:n], alpha / total)", "slope[:n], alpha)"),
    ],
    "60_pickle": [
        ("raw[: -len(TRAILER) - 32]", "raw[: -len(TRAILER) - 31]"),
        ("dtype.itemsize * math.prod(shape) != len(buffer)", "dtype.itemsize * sum(shape) != len(buffer)"),
        ("min(shape, default=0) < 0", "min(shape, default=0) > 0"),
    ],
    "61_protobuf": [
        ("target.shape.extend(array.shape)", "target.shape.extend(array.shape[::-1])"),
        ('array.dtype.newbyteorder("<").str', 'array.dtype.newbyteorder(">").str'),
        ("if kind is known", "if kind is not known"),
    ],
    "63_registry": [
        ("max(taken, default=0) + 1", "max(taken, default=0) + 2"),
        ("pile[-1:] != [change", "pile[-1:] == [change"),
        ("pile.pop()", "pile.pop(0)"),
    ],
    "70_serving": [
        ("if v not in known[c]", "if v in known[c]"),
        ('"FP64", [-1, len(model.classes)]', '"FP64", [-1, 1 + len(model.classes)]'),
    ],
    "71_requests": [
        ("if size > limit:", "if size >= limit:"),
        ("at += 4 + size", "at += 3 + size"),
    ],
    "72_store": [
        ('max(v["version"]', 'min(v["version"]'),
        ("p.c.time < stamp(end)", "p.c.time <= stamp(end)"),
    ],
    "80_drift": [
        ("((q - p) * np.log(q / p)).sum()", "((q - p) * np.log(p / q)).sum()"),
        ('side="left"', 'side="right"'),
        ("scale * values + offset", "scale * values - offset"),
    ],
    "82_repair": [
        ("1 - loss / guess, auc", "1 - guess / loss, auc"),
        ("if skill < self.threshold else 0", "if skill > self.threshold else 0"),
        ("row_losses(y, old) - row_losses(y, new)", "row_losses(y, new) - row_losses(y, old)"),
    ],
    "94_table": [
        ("figures[key] < floor[key]", "figures[key] > floor[key]"),
    ],
    "95_pipeline": [
        ("old if k < HANDOVER", "old if k <= HANDOVER"),
        ("rule.check(table) and not run.alarm", "rule.check(table) and run.alarm"),
    ],
    "96_command_line": [
        ("def fail(problem, status=2)", "def fail(problem, status=1)"),
    ],
    "97_report": [
        ('run.sent["rows"] - len(rows)', 'len(rows) - run.sent["rows"]'),
        ("(day <= found.day)", "(day < found.day)"),
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("chapter", sorted(p.stem for p in NBS.glob("[0-9]*.ipynb")))
def test_a_broken_cell_fails_its_chapter(chapter, turn):
    assert MUTATIONS.get(chapter), f"{chapter}: name a mutation of one of its exported cells in {Path(__file__).name}"
    for right, wrong in MUTATIONS[chapter]:
        notebook = nbformat.read(NBS / f"{chapter}.ipynb", as_version=4)
        code = [c for c in notebook.cells if c.cell_type == "code"]
        broken = next((c for c in code if right in c.source and "#| export:" in c.source), None)
        assert broken, f"{chapter}: no cell holds {right!r} any more; change the mutation"
        broken.source = broken.source.replace(right, wrong)
        client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(NBS)}})
        with turn:
            client.create_kernel_manager()
            client.start_new_kernel()
            client.start_new_kernel_client()
        with pytest.raises(CellExecutionError):
            client.execute()
            pytest.fail(f"{chapter} ends well although {right!r} became {wrong!r}: no lesson checks it", pytrace=False)

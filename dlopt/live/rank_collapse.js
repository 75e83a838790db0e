// A batch on its way through random layers, with and without batch normalization (syllabus B2, B3, B6).
import { drag, fixed, frame, node, plot, points, reset, set, slider, toggle } from "./_kit.js";
import { normals, uniforms } from "./_random.js";

export const DEPTH = 64;
const [WIDTH, SAMPLES, EPS, SHARE] = [16, 32, 1e-5, 0.01];

/** Subtract each column's mean and divide by its deviation, as batch normalization does in train mode. */
export function normalize(H) {
  const out = H.map((row) => row.slice());
  for (let j = 0; j < H[0].length; j += 1) {
    const mean = H.reduce((sum, row) => sum + row[j], 0) / H.length;
    const variance = H.reduce((sum, row) => sum + (row[j] - mean) ** 2, 0) / H.length;
    out.forEach((row) => { row[j] = (row[j] - mean) / Math.sqrt(variance + EPS); });
  }
  return out;
}

/** Eigenvalues of a symmetric matrix, largest first, by Jacobi's rotations. */
export function eigenvalues(matrix) {
  const A = matrix.map((row) => row.slice());
  const n = A.length;
  for (let sweep = 0; sweep < 30; sweep += 1) {
    let off = 0;
    for (let p = 0; p < n; p += 1) for (let q = p + 1; q < n; q += 1) off += A[p][q] ** 2;
    if (off < 1e-30 * A.reduce((sum, row, i) => sum + row[i] ** 2, 0)) break;
    for (let p = 0; p < n; p += 1) {
      for (let q = p + 1; q < n; q += 1) {
        if (A[p][q] === 0) continue;
        const theta = (A[q][q] - A[p][p]) / (2 * A[p][q]);
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < n; k += 1) [A[k][p], A[k][q]] = [c * A[k][p] - s * A[k][q], s * A[k][p] + c * A[k][q]];
        for (let k = 0; k < n; k += 1) [A[p][k], A[q][k]] = [c * A[p][k] - s * A[q][k], s * A[p][k] + c * A[q][k]];
      }
    }
  }
  return A.map((row, i) => row[i]).sort((a, b) => b - a);
}

/** How many directions a batch H keeps, its participation ratio, and the mean |cosine| of its rows. */
export function measures(H) {
  const gram = Array.from({ length: WIDTH }, (_, i) => Array.from({ length: WIDTH }, (__, j) =>
    H.reduce((sum, row) => sum + row[i] * row[j], 0)));
  const energy = eigenvalues(gram).map((v) => Math.max(v, 0));
  const total = energy.reduce((a, b) => a + b, 0);
  const lengths = H.map((row) => Math.hypot(...row));
  let cosine = 0;
  H.forEach((a, i) => H.slice(0, i).forEach((b, k) => {
    if (lengths[i] * lengths[k] > 0) cosine += Math.abs(a.reduce((sum, v, j) => sum + v * b[j], 0)) / lengths[i] / lengths[k];
  }));
  return [energy.filter((v) => v > SHARE ** 2 * energy[0]).length,
    total ** 2 / energy.reduce((sum, v) => sum + v * v, 0), (2 * cosine) / (H.length * (H.length - 1))];
}

const kept = {};

/** The three measures at every depth: DEPTH + 1 triples. */
export function journey(relu, norm, draw) {
  const key = `${relu} ${norm} ${draw}`;
  if (kept[key]) return kept[key];
  const uniform = uniforms(draw);
  let H = Array.from({ length: SAMPLES }, () => normals(uniform, WIDTH));
  const found = [measures(H)];
  for (let depth = 1; depth <= DEPTH; depth += 1) {
    const W = Array.from({ length: WIDTH }, () => normals(uniform, WIDTH).map((v) => v / Math.sqrt(WIDTH)));
    H = H.map((row) => W.map((w) => w.reduce((sum, v, j) => sum + v * row[j], 0)));
    if (norm) H = normalize(H);
    if (relu) H = H.map((row) => row.map((v) => Math.max(v, 0)));
    const size = norm ? 1 : Math.sqrt(H.reduce((sum, row) => sum + row.reduce((a, v) => a + v * v, 0), 0) / SAMPLES / WIDTH);
    H = H.map((row) => row.map((v) => v / size));
    found.push(measures(H));
  }
  kept[key] = found;
  return found;
}

/** Everything the picture shows, as numbers. */
export function state({ depth, relu, norm, draw }) {
  const ways = [journey(relu, false, draw), norm ? journey(relu, true, draw) : []];
  return { ways, now: ways.map((way) => way[depth] ?? null) };
}

/** The picture in words. */
export function describe({ depth, relu, norm, draw }) {
  const { now } = state({ depth, relu, norm, draw });
  const [plain, normed] = now.map((m) => m && `${m[0]} of 16 directions (participation ratio ${fixed(m[1], 1)}), mean |cosine| ${fixed(m[2])}`);
  return `${relu ? "ReLU" : "Linear"} network, depth ${depth}. Without batch normalization: ${plain}.`
    + (norm ? ` With batch normalization: ${normed}.` : "");
}

function curves(y, width, height, margin, label, which) {
  const area = plot({ width, height, margin, label, role: "img", y,
    x: { domain: [0, DEPTH], ticks: [0, 16, 32, 48, 64].map((v) => [v, v]), label: "depth" } });
  const lines = ["shallow", "steep"].map((name) => node("polyline", { class: `live-${name}` }));
  const rule = node("line", { class: "live-now" });
  area.inside.append(...lines, rule);
  return { area, draw({ ways }, depth) {
    ways.forEach((way, i) => set(lines[i], { points: points(area, way.map((_, k) => k), way.map((m) => m[which])) }));
    set(rule, { x1: area.x(depth), x2: area.x(depth), y1: area.y(y.domain[0]), y2: area.y(y.domain[1]) });
  } };
}

function readout() {
  const cells = [0, 1, 2].map(() => [node("td"), node("td")]);
  const names = ["directions kept", "participation ratio", "mean |cosine|"];
  const table = node("table", {},
    node("thead", {}, node("tr", {}, node("th", { scope: "col" }, "at this depth"),
      ["shallow", "steep"].map((name, i) => node("th", { scope: "col" },
        node("span", { class: `live-swatch live-${name}` }), ["plain", "BN"][i])))),
    node("tbody", {}, names.map((name, i) => node("tr", {}, node("th", { scope: "row" }, name), cells[i]))));
  return { table, draw: ({ now }) => now.forEach((m, i) => cells.forEach((row, k) => {
    row[i].textContent = m ? fixed(m[k], [0, 1, 2][k]) : "–";
  })) };
}

function render({ model, el }) {
  const traits = ["depth", "relu", "norm", "draw"];
  const main = curves({ domain: [0, 17], ticks: [0, 4, 8, 12, 16].map((v) => [v, v]), label: "directions kept" },
    360, 320, [22, 8, 34, 34], model.get("alt"), 0);
  const side = curves({ domain: [0, 1.05], ticks: [0, 0.5, 1].map((v) => [v, fixed(v, 1)]), label: "mean |cosine|" },
    270, 200, [22, 8, 34, 34], "Mean absolute cosine between two samples against depth.", 2);
  const tags = [["shallow", "plain", 60], ["steep", "with BN", 60]].map(([name, text, at]) =>
    [at, node("text", { class: `live-${name} live-tag`, "text-anchor": "end" }, text)]);
  const grip = node("g", { class: "live-handle live-sideways" }, node("circle", { class: "live-reach", r: 22 }),
    node("circle", { class: "live-ring", r: 9 }), node("circle", { class: "live-core", r: 3.5 }));
  drag(main.area, grip, ([depth]) => {
    model.set("depth", Math.round(Math.min(DEPTH, Math.max(0, depth))));
    model.save_changes();
  });
  main.area.inside.append(...tags.map(([, tag]) => tag));
  main.area.over.append(grip);
  const table = readout();
  const whole = String;
  const depth = slider(model, "depth", { symbol: "ℓ", name: "depth", min: 0, max: DEPTH, step: 1, show: whole });
  const draw = slider(model, "draw", { symbol: "s", name: "seed of the weights", min: 1, max: 8, step: 1, show: whole });
  const relu = toggle(model, "relu", { name: "ReLU after each layer" });
  const norm = toggle(model, "norm", { name: "show batch normalization" });
  const figure = frame(model, el, [["main", main.area.svg], ["controls", depth.el, draw.el, relu.el, norm.el,
    reset(model, traits)], ["side", side.area.svg], ["table", table.table]]);
  figure.watch(traits, () => {
    const now = Object.fromEntries(traits.map((name) => [name, model.get(name)]));
    const shown = state(now);
    main.draw(shown, now.depth);
    side.draw(shown, now.depth);
    tags.forEach(([at, tag], i) => set(tag, { x: main.area.x(at), // above the curve, wherever that is
      y: shown.ways[i].length ? main.area.y(Math.max(...shown.ways[i].slice(42, at + 1).map((m) => m[0]))) - 7 : -99 }));
    set(grip, { transform: `translate(${main.area.x(now.depth).toFixed(2)} ${main.area.y(shown.now[0][0]).toFixed(2)})` });
    table.draw(shown);
    figure.say(describe(now));
  });
  return () => [depth, draw, relu, norm, figure].forEach((part) => part.dispose());
}

export default { render };

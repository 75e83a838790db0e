// Newton's method, and gradient descent beside it, on Himmelblau's function (syllabus Q7).
import { fixed, frame, handle, node, player, plot, points, reset, set, slider, toggle } from "./_kit.js";
import { levelLines, outline } from "./_field.js";

export const STEPS = 12;
const REACH = 5.5;
const NEAR = 0.05; // arrived, as far as the picture shows
const LEVELS = [1, 2, 3, 4, 5].map((k) => 2.7 * k); // of √L, which crosses the cells of the grid more evenly

const parts = (x, y) => [x * x + y - 11, x + y * y - 7];

/** Loss, gradient and Hessian [a, b, c] = [∂²L/∂x², ∂²L/∂x∂y, ∂²L/∂y²] of (x² + y − 11)² + (x + y² − 7)². */
export function surface([x, y]) {
  const [s, t] = parts(x, y);
  return { loss: s * s + t * t, slope: [4 * x * s + 2 * t, 2 * s + 4 * y * t],
    hessian: [12 * x * x + 4 * y - 42, 4 * (x + y), 12 * y * y + 4 * x - 26] };
}

/** Eigenvalues of [[a, b], [b, c]], the smaller first. */
export function eigenvalues([a, b, c]) {
  const spread = Math.hypot((a - c) / 2, b);
  return [(a + c) / 2 - spread, (a + c) / 2 + spread];
}

/** One step: w − ηH⁻¹∇L (Newton), or w − (η/100)∇L. */
export function step([x, y], eta, newton) {
  const { slope: [p, q], hessian: [a, b, c] } = surface([x, y]);
  const det = a * c - b * b;
  return newton ? [x - (eta * (c * p - b * q)) / det, y - (eta * (a * q - b * p)) / det]
    : [x - (eta / 100) * p, y - (eta / 100) * q];
}

/** Up to 12 steps, start first; ends early where the next would be beyond a million, or where H is singular. */
export function walk(start, eta, newton) {
  const path = [start];
  while (path.length <= STEPS) {
    const next = step(path[path.length - 1], eta, newton);
    if (!(Math.hypot(...next) < 1e6)) break;
    path.push(next);
  }
  return path;
}

/** The nine critical points, by Newton's method itself: it finds minima, maximum and saddles alike. */
export const CRITICAL = [[3, 2], [-2.8, 3.1], [3.6, -1.8], [-3.8, -3.3], [-0.3, -0.9], [-3.1, -0.1], [0.1, 2.9], [3.4, 0.1],
  [-0.1, -2]].map((near) => walk(near, 1, true)[STEPS]);

/** What H says of a critical point. */
export function shape(w) {
  const [low, high] = eigenvalues(surface(w).hessian);
  return low > 0 ? "minimum" : high < 0 ? "maximum" : "saddle";
}

/** Where a walk is after k steps: the place, its kind, eigenvalues of H, distance from a critical point, ‖∇L‖. */
export function summary(path, k) {
  const at = path[Math.min(k, path.length - 1)];
  const { slope, hessian } = surface(at);
  const distance = Math.min(...CRITICAL.map(([x, y]) => Math.hypot(at[0] - x, at[1] - y)));
  const gone = k >= path.length || Math.max(...at.map(Math.abs)) > REACH;
  return { at, gone, distance, slope: Math.hypot(...slope), eigenvalues: eigenvalues(hessian),
    kind: gone ? "left the picture" : distance > NEAR ? "not yet there" : shape(at) };
}

/** Everything the picture shows, as numbers. */
export function state({ eta, start, steps }) {
  return [true, false].map((newton) => {
    const path = walk(start, eta, newton);
    return { path: path.slice(0, steps + 1), ...summary(path, steps) };
  });
}

const place = (w) => `(${fixed(w[0])}, ${fixed(w[1])})`;

function told({ at, kind, gone, eigenvalues: [low, high] }) {
  if (gone) return "has left the picture";
  return `is ${kind === "not yet there" ? "on its way" : `at a ${kind}`}, ${place(at)}, with eigenvalues `
    + `${fixed(low, 1)} and ${fixed(high, 1)}`;
}

/** The picture in words. */
export function describe({ eta, start, steps, compare }) {
  const [newton, descent] = state({ eta, start, steps });
  return `After ${steps} ${steps === 1 ? "step" : "steps"} with η = ${fixed(eta)} Newton ${told(newton)}.`
    + (compare ? ` Gradient descent ${told(descent)}.` : "");
}

const MARKS = { minimum: ["live-best", "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0"], maximum: ["live-dots", "m-6 4.5h12l-6-10.5z"],
  saddle: ["live-cross", "m-4.5-4.5l9 9m0-9l-9 9"] };
const NAMED = [3, 4, 5]; // one of each kind

function plane(model) {
  const ticks = [-4, -2, 0, 2, 4].map((v) => [v, fixed(v, 0)]);
  const area = plot({ width: 360, height: 366, margin: [20, 8, 20, 26], role: "group", label: model.get("alt"),
    x: { domain: [-REACH, REACH], ticks, label: "x" }, y: { domain: [-REACH, REACH], ticks, label: "y" } });
  const root = (x, y) => Math.sqrt(surface([x, y]).loss);
  const lines = ["shallow", "steep"].map((name) => node("polyline", { class: `live-${name}` }));
  const dots = node("g", { class: "live-dots" });
  area.inside.append(node("g", { class: "live-contours" }, LEVELS.map((level) =>
    node("path", { transform: "scale(.1)", d: outline(area, levelLines(root, REACH, 32, level)) }))),
  ...CRITICAL.map((w) => {
    const [name, d] = MARKS[shape(w)];
    return node("path", { class: name, d: `M${points(area, [w[0]], [w[1]])}${d}` });
  }),
  ...NAMED.map((i) => node("text", { class: "live-note live-tag", "text-anchor": "middle",
    x: area.x(CRITICAL[i][0]).toFixed(2), y: (area.y(CRITICAL[i][1]) + 17).toFixed(2) }, shape(CRITICAL[i]))),
  ...lines, dots);
  area.over.append(node("text", { class: "live-shallow live-tag", x: 172, y: 13 }, "Newton"),
    node("text", { class: "live-steep live-tag", x: 234, y: 13 }, "gradient descent"));
  const grip = handle(area, { label: "start", step: 0.1, get: () => model.get("start"),
    put: (start) => { model.set("start", start); model.save_changes(); } });
  return { svg: area.svg, draw(now, { compare }) {
    const shown = now.map(({ path }, i) => (i === 0 || compare ? path : []));
    shown.forEach((path, i) => set(lines[i], { points: points(area, path.map((w) => w[0]), path.map((w) => w[1])) }));
    dots.replaceChildren(...shown.flatMap((path) => path.slice(1)).map((w) => {
      const [cx, cy] = points(area, [w[0]], [w[1]]).split(",");
      return node("circle", { r: 2.5, cx, cy });
    }));
    grip();
  } };
}

/** A number that may be tiny. */
const small = (value) => {
  if (value >= 0.01) return fixed(value);
  if (value < 1e-10) return "< 10⁻¹⁰";
  return `≈ 10⁻${"⁰¹²³⁴⁵⁶⁷⁸⁹"[-Math.round(Math.log10(value))] ?? "¹⁰"}`;
};

function readout() {
  const names = ["where", "kind", "λ of H", "off by", "‖∇L‖"];
  const cells = names.map(() => [node("td"), node("td")]);
  const table = node("table", { class: "live-pair" },
    node("thead", {}, node("tr", {}, ["last point", "Newton", "descent"].map((t) => node("th", { scope: "col" }, t)))),
    node("tbody", {}, names.map((name, i) => node("tr", {}, node("th", { scope: "row" }, name), cells[i]))));
  return { table, draw(now, { compare }) {
    now.forEach(({ at, kind, gone, distance, slope, eigenvalues: both }, i) => {
      const texts = [place(at), kind, both.map((v) => fixed(v, 1)).join(", "), small(distance), small(slope)];
      texts.forEach((text, j) => { cells[j][i].textContent = (i && !compare) || (gone && j !== 1) ? "–" : text; });
    });
  } };
}

function render({ model, el }) {
  const traits = ["eta", "start", "steps", "compare"];
  const drawn = [plane(model), readout()];
  const eta = slider(model, "eta", { symbol: "η", name: "step size", min: 0.1, max: 2, step: 0.1 });
  eta.mark([[1, "full step", "after"]]);
  const steps = player(model, "steps", { name: "step", max: STEPS });
  const compare = toggle(model, "compare", { name: "gradient descent, step size η/100" });
  const figure = frame(model, el, [["main", drawn[0].svg],
    ["controls", eta.el, steps.el, compare.el, reset(model, traits)], ["table", drawn[1].table]]);
  figure.watch(traits, () => {
    const now = Object.fromEntries(traits.map((name) => [name, model.get(name)]));
    const shown = state(now);
    drawn.forEach((part) => part.draw(shown, now));
    figure.say(describe(now));
  });
  return () => [eta, steps, compare, figure].forEach((part) => part.dispose());
}

export default { render };

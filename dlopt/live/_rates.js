// Gradient descent along one eigendirection multiplies the error by 1 − ηλ at every step.

const ORDER = ["one step", "monotone", "oscillating", "never settles", "diverging"];

export const factor = (eta, curvature) => 1 - eta * curvature;

/** What a factor does to the error (syllabus Q1). */
export function regime(f) {
  if (Math.abs(f) < 1e-9) return "one step";
  if (f > 0) return "monotone";
  if (f > -1 + 1e-9) return "oscillating";
  return f > -1 - 1e-9 ? "never settles" : "diverging";
}

/** The worse of several regimes names the whole. */
export const worst = (regimes) => ORDER[Math.max(...regimes.map((name) => ORDER.indexOf(name)))];

/** Steps until the error has one more correct digit: 1 / −log₁₀(rate); never when rate ≥ 1. */
export function stepsPerDigit(rate) {
  if (rate > 1 - 1e-9) return Infinity;
  return rate < 1e-9 ? 0 : -1 / Math.log10(rate);
}

// Numbers of any size in words.

/** 0.5 → "0.500", 1e-7 → "10⁻⁷". */
export function size(value) {
  if (value >= 0.001 && value < 1000) return value.toFixed(3);
  if (!(value > 0)) return "0";
  return `10${[...String(Math.round(Math.log10(value)))].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d] ?? "⁻").join("")}`;
}

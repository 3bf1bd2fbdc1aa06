"use strict";
// A plot as SVG text, from plain numbers: see picture.py for what a plot holds.

const DASHES = ["", "7 4", "9 3 2 3", "2 3", "12 4"];
const SIZE = 13;
// From dark to light evenly, so that maps can be read in grey.
const SHADES = [[43, 10, 88], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
let clips = 0;

const escaped = (text) => String(text).replace(/[&<>"]/g, (sign) =>
  ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]);
const widthOf = (text) => 0.56 * SIZE * String(text).length;
const known = (values) => (values || []).filter((value) => value !== null);

function short(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e5 || size < 1e-3)) return value.toExponential(0).replace("e+", "e");
  return String(Number(value.toPrecision(6)));
}

// Round numbers in a range: multiples of 1, 2 or 5 times a power of ten; or decades.
function ticks(low, high, count, log) {
  if (log) {
    const decades = Math.log10(high / low);
    const heads = decades > 3 ? [1] : decades > 1.5 ? [1, 3] : [1, 2, 3, 5, 7];
    const found = [];
    const step = Math.max(1, Math.ceil(decades / count));
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += step)
      for (const head of heads) found.push(Number((head * 10 ** power).toPrecision(12)));
    return found.filter((value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
  }
  const rough = (high - low) / count, unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * [1, 2, 5, 10].find((head) => head * unit >= rough * 0.75);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++)
    found.push(Number((k * step).toPrecision(12)));
  return found;
}

function ends(axis, values, padded) {
  const usable = axis.log ? values.filter((value) => value > 0) : values;
  let low = Math.min(...usable), high = Math.max(...usable);
  if (!usable.length) [low, high] = axis.log ? [0.1, 1] : [0, 1];
  const pad = padded && !axis.log ? 0.06 * (high - low) : 0;
  low = axis.low ?? (axis.log && padded ? low / 1.15 : low - pad);
  high = axis.high ?? (axis.log && padded ? high * 1.15 : high + pad);
  if (!(high > low)) [low, high] = axis.log ? [low / 2, low * 2]
    : axis.low === null ? [low - 0.5, high + 0.5] : [low, low + 1];
  return [low, high];
}

function scale(axis, [low, high], from, to) {
  const place = axis.log ? Math.log : (value) => value;
  const span = place(high) - place(low);
  return (value) => from + (to - from) * ((place(value) - place(low)) / span);
}

function marker(kind, x, y, colour, paper) {
  const r = 3.6, at = `${x.toFixed(1)} ${y.toFixed(1)}`;
  const shapes = [
    `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${r}"`,
    `<path d="M${at}m${-r} ${-r}h${2 * r}v${2 * r}h${-2 * r}z"`,
    `<path d="M${at}m0 ${-r * 1.2}l${r * 1.15} ${r * 2}h${-r * 2.3}z"`,
    `<path d="M${at}m0 ${-r * 1.3}l${r * 1.3} ${r * 1.3}l${-r * 1.3} ${r * 1.3}l${-r * 1.3} ${-r * 1.3}z"`,
  ];
  return `${shapes[kind % shapes.length]} fill="${colour}" stroke="${paper}" stroke-width="1"/>`;
}

// Entries [sample of 24 x 12 as SVG, name] in as many rows as the width asks for.
function legend(entries, left, right, top, theme) {
  let x = left, y = top, text = "";
  for (const [sample, name] of entries) {
    const wide = 30 + widthOf(name) + 16;
    if (x > left && x + wide > right) [x, y] = [left, y + 19];
    text += `<g transform="translate(${x} ${y})">${sample}</g>` +
      `<text x="${x + 30}" y="${y + 10}" fill="${theme.ink}">${escaped(name)}</text>`;
    x += wide;
  }
  return [text, entries.length ? y + 19 : top];
}

function seriesShapes(series, index, X, Y, bottom, theme) {
  const colour = theme.lines[index % 5], dash = DASHES[index % 5], { x, y, low, high } = series;
  const path = (points) => {
    let text = "", pen = "M";
    for (const [a, b] of points) {
      if (a === null || b === null || !Number.isFinite(Y(b))) { pen = "M"; continue; }
      text += `${pen}${X(a).toFixed(1)} ${Y(b).toFixed(1)}`;
      pen = "L";
    }
    return text;
  };
  if (series.style === "steps") {
    let text = `M${X(x[0]).toFixed(1)} ${bottom}`;
    y.forEach((height, k) => {
      text += `V${Y(height).toFixed(1)}H${X(x[k + 1]).toFixed(1)}`;
    });
    const looks = `fill="${theme.fill}" stroke="${theme.soft}" stroke-width=".7"`;
    return [`<path d="${text}V${bottom}z" ${looks}/>`,
      `<path d="M2 0h20v12h-20z" ${looks}/>`];
  }
  const pairs = x.map((value, k) => [value, y[k]]);
  const markers = (kind) => pairs.filter(([, b]) => b !== null)
    .map(([a, b]) => marker(kind, X(a), Y(b), series.style === "points" ? theme.ink : colour, theme.paper))
    .join("");
  if (series.style === "points") return [markers(3), marker(3, 12, 6, theme.ink, theme.paper)];
  let text = "";
  if (low && high) {
    const around = [...x.map((value, k) => [value, high[k]]),
      ...x.map((value, k) => [value, low[k]]).reverse()];
    text += `<path d="${path(around)}z" fill="${colour}" fill-opacity=".2"/>`;
  }
  const looks = `fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"`;
  text += `<path d="${path(pairs)}" ${looks}/>`;
  const dotted = x.length <= 25;
  return [text + (dotted ? markers(index) : ""),
    `<path d="M0 6h24" ${looks}/>${dotted ? marker(index, 12, 6, colour, theme.paper) : ""}`];
}

function shade(share) {
  const at = Math.min(0.9999, Math.max(0, share)) * (SHADES.length - 1), k = Math.floor(at);
  return SHADES[k].map((from, i) => Math.round(from + (SHADES[k + 1][i] - from) * (at - k)));
}

// Black or white, whichever stands out more: the contrasts are equal at a luminance of .179.
function over(colour) {
  const [r, g, b] = colour.map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
}

function frame(plot, left, right, top, bottom, xTicks, yTicks, theme) {
  let text = "";
  for (const [y, name] of yTicks)
    text += `<text x="${left - 7}" y="${y + 4}" text-anchor="end" fill="${theme.ink}">${name}</text>`;
  for (const [x, name] of xTicks)
    text += `<text x="${x}" y="${bottom + 18}" text-anchor="middle" fill="${theme.ink}">${name}</text>`;
  const middle = (top + bottom) / 2;
  return text +
    `<text x="${(left + right) / 2}" y="${bottom + 38}" text-anchor="middle" fill="${theme.ink}">${escaped(plot.x.label)}</text>` +
    `<text transform="translate(13 ${middle}) rotate(-90)" text-anchor="middle" fill="${theme.ink}">${escaped(plot.y.label)}</text>`;
}

function cellShapes(cells, left, right, top, bottom, theme) {
  const columns = cells.x.length, rows = cells.y.length;
  const wide = (right - left) / columns, high = (bottom - top) / rows;
  const all = known(cells.values.flat()), low = Math.min(...all), span = Math.max(...all) - low || 1;
  const X = (k) => left + wide * k, Y = (k) => bottom - high * (k + 1);
  let text = "";
  cells.values.forEach((row, i) => row.forEach((value, k) => {
    const colour = value === null ? [128, 128, 128] : shade((value - low) / span);
    const said = value === null ? "" : value.toFixed(2).replace(/^0\./, ".");
    text += `<rect x="${X(k).toFixed(1)}" y="${Y(i).toFixed(1)}" width="${wide.toFixed(1)}" ` +
      `height="${high.toFixed(1)}" fill="rgb(${colour})"/>` +
      `<text x="${(X(k) + wide / 2).toFixed(1)}" y="${(Y(i) + high / 2 + 4).toFixed(1)}" font-size="${
        wide < 34 ? 10.5 : 12}" text-anchor="middle" fill="${over(colour)}">${said}</text>`;
  }));
  const entries = [];
  Object.entries(cells.marked).forEach(([name, [x, y]], index) => {
    const dash = index ? "4 3" : "", k = cells.x.indexOf(x), i = cells.y.indexOf(y);
    const box = (at, size) => `<rect ${at} ${size} fill="none" stroke="#fff" stroke-width="5"/>` +
      `<rect ${at} ${size} fill="none" stroke="#000" stroke-width="2.5" stroke-dasharray="${dash}"/>`;
    text += box(`x="${X(k) + 2 + 3 * index}" y="${Y(i) + 2 + 3 * index}"`,
      `width="${wide - 4 - 6 * index}" height="${high - 4 - 6 * index}"`);
    entries.push([box('x="2" y="0"', 'width="20" height="12"'), name]);
  });
  const at = (place, size) => (value, k) =>
    [place(k) + size / 2, wide < 34 ? short(value).replace(/^0\./, ".") : short(value)];
  return [text, entries, cells.x.map(at(X, wide)), cells.y.map(at(Y, high))];
}

function draw(plot, width, theme) {
  const high = plot.cells ? 330 : 290, top = 10, right = width - 12, bottom = high - 46;
  const { cells } = plot;
  let left, shapes = "", entries = [], xTicks, yTicks;
  if (cells) {
    left = 30 + Math.max(...cells.y.map((value) => widthOf(short(value))));
    [shapes, entries, xTicks, yTicks] = cellShapes(cells, left, right, top, bottom, theme);
  } else {
    const marks = Object.entries(plot.marks || {}), levels = Object.entries(plot.levels || {});
    const xs = plot.series.flatMap((s) => known(s.x)).concat(marks.map(([, at]) => at));
    const ys = plot.series.flatMap((s) => [...known(s.y), ...known(s.low), ...known(s.high)])
      .concat(levels.map(([, at]) => at));
    const xEnds = ends(plot.x, xs, false), yEnds = ends(plot.y, ys, true);
    yTicks = ticks(...yEnds, 5, plot.y.log);
    left = 30 + Math.max(...yTicks.map((value) => widthOf(short(value))));
    const X = scale(plot.x, xEnds, left + 6, right - 6), Y = scale(plot.y, yEnds, bottom, top);
    xTicks = ticks(...xEnds, Math.max(3, Math.floor((right - left) / 65)), plot.x.log)
      .map((value) => [X(value), short(value)]);
    yTicks = yTicks.map((value) => [Y(value), short(value)]);
    for (const [y] of yTicks)
      shapes += `<path d="M${left} ${y.toFixed(1)}H${right}" stroke="${theme.rule}" stroke-width="1"/>`;
    const clip = `clip-${++clips}`, names = new Map();
    let lines = 0;
    shapes += `<clipPath id="${clip}"><rect x="${left}" y="${top - 5}" width="${right - left}" ` +
      `height="${bottom - top + 5}"/></clipPath><g clip-path="url(#${clip})">`;
    for (const series of plot.series) {
      const first = !names.has(series.name);
      // Looks are told apart among lines.
      if (first && series.style === "line") names.set(series.name, lines++);
      else if (first) names.set(series.name, 0);
      const [text, sample] = seriesShapes(series, names.get(series.name), X, Y, bottom, theme);
      shapes += text;
      if (first) entries.push([sample, series.name]);
    }
    levels.forEach(([name, at], k) => {
      const looks = `stroke="${theme.ink}" stroke-width="1.3" stroke-dasharray="${["5 3", "1 3"][k % 2]}"`;
      shapes += `<path d="M${left} ${Y(at).toFixed(1)}H${right}" ${looks}/>`;
      entries.push([`<path d="M0 6h24" ${looks}/>`, name]);
    });
    for (const [name, at] of marks) {
      const looks = `stroke="${theme.soft}" stroke-width="1.5" stroke-dasharray="2 2"`;
      shapes += `<path d="M${X(at).toFixed(1)} ${top}V${bottom}" ${looks}/>`;
      entries.push([`<path d="M12 0v12" ${looks}/>`, name]);
    }
    shapes += `</g><path d="M${left} ${top}V${bottom}H${right}" fill="none" stroke="${theme.soft}"/>`;
  }
  const [words, end] = legend(entries, 8, width, high, theme);
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escaped(plot.title)}" ` +
    `viewBox="0 0 ${width} ${end}" width="${width}" height="${end}" font-size="${SIZE}" ` +
    `font-family="system-ui, sans-serif"><rect width="${width}" height="${end}" fill="${theme.paper}"/>` +
    shapes + frame(plot, left, right, top, bottom, xTicks, yTicks, theme) + words + "</svg>";
}

function table(plot) {
  const cell = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  const rows = plot.cells
    ? [["name", "x", "y", "value"], ...plot.cells.values.flatMap((row, i) => row.map((value, k) =>
        [plot.cells.name, plot.cells.x[k], plot.cells.y[i], value]))]
    : [["name", "x", "x_end", "y", "low", "high"], ...plot.series.flatMap((s) => s.y.map((y, k) =>
        [s.name, s.x[k], s.style === "steps" ? s.x[k + 1] : null, y, s.low?.[k], s.high?.[k]]))];
  return rows.map((row) => row.map(cell).join(",")).join("\n") + "\n";
}

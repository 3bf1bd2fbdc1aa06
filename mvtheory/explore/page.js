// The page: a panel at a time, its controls, and what it shows at their values.

const STATE = JSON.parse(document.getElementById("state").textContent);
const main = document.getElementById("panel");
const LIGHT = { ink: "#1b1f24", soft: "#525b66", rule: "#c9cfd6", fill: "#c3cbd5", paper: "#ffffff",
  lines: ["#0b5394", "#b45309", "#38761d", "#741b47", "#444444"] };
let theme, current, since = null;

// Sums and binomial coefficients, of which formulas printed as JavaScript make use.
function sum(low, high, body) {
  let total = 0;
  for (let index = low; index <= high; index++) total += body(index);
  return total;
}
function binomial(n, k) {
  let product = 1;
  for (let i = 1; i <= k; i++) product = (product * (n - k + i)) / i;
  return product;
}
const term = (given, values) => FORMULAS[given.formula](...given.arguments.map((part) =>
  typeof part === "string" ? values[part] : typeof part === "number" ? part : term(part, values)));

function closed(given, values) {
  const plots = given.plots.map(({ title, over, symbol, values: run, x, y, terms }) => ({
    title, x, y, cells: null, levels: null,
    marks: { [`${symbol} = ${short(values[over])}`]: values[over] },
    series: terms.map(([name, own]) => ({ name, x: run, low: null, high: null, style: "line",
      y: run.map((at) => term(own, { ...values, [over]: at })) })),
  }));
  return { plots, numbers: given.numbers.map(([name, own]) => [name, term(own, values)]), note: "" };
}

function themeNow() {
  const style = getComputedStyle(document.documentElement);
  const get = (name) => style.getPropertyValue(`--${name}`).trim();
  return { ink: get("ink"), soft: get("soft"), rule: get("rule"), fill: get("fill"),
    paper: get("paper"), lines: [1, 2, 3, 4, 5].map((k) => get(`line-${k}`)) };
}

function make(tag, attributes = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
}

const wordOf = (own) => (own.panel.controls[0].kind === "choice" ? own.values[own.panel.controls[0].name] : "");
const isShown = (own, control) => !control.only.length || control.only.includes(wordOf(own));

// ---- what is shown

async function ask(own) {
  const { panel, values } = own;
  for (const control of panel.controls) if (!STATE.live) check(control, values[control.name]);
  if (STATE.live) {
    const answer = await fetch(`picture/${panel.name}?${new URLSearchParams(values)}`);
    const found = await answer.json();
    if (found.error) throw new Error(found.error);
    return found;
  }
  if (panel.closed) return closed(panel.closed, values);
  const at = panel.controls.filter((control) => isShown(own, control))
    .map((control) => control.values.indexOf(values[control.name]));
  return STATE.pictures[panel.name][at.join(",")];
}

function check(control, value) {
  if (control.kind === "choice") return;
  const low = control.values[0], high = control.values[control.values.length - 1];
  if (!(value >= low && value <= high) || (control.integer && !Number.isInteger(value)))
    throw new Error(`${control.name}=${value} is not allowed (${control.meaning}: ${control.range}); ` +
      "choose a value in this range");
}

// Redraws until what is shown is what the controls say; a panel asks one question at a time.
async function redraw(event) {
  const own = current;
  if (event) since ??= event.timeStamp;
  if (own.busy) { own.again = true; return; }
  const began = since ?? performance.now(), moved = since !== null;
  const slow = setTimeout(() => own.say("computing …"), 400);
  [own.busy, own.again, since] = [true, false, null];
  try {
    own.picture = await ask(own);
    if (own === current) {
      render(own);
      own.wrong.textContent = "";
      measured(own, began, moved);
    }
  } catch (error) {
    own.wrong.textContent = error instanceof TypeError && STATE.live
      ? "The server does not answer: start mvtheory explore again." : error.message;
    own.say("");
    own.root.classList.add("stale");
    own.root.dataset.moves = Number(own.root.dataset.moves) + 1;
  }
  clearTimeout(slow);
  own.busy = false;
  if (own.again && own === current) redraw();
}

// The time from the event that moved a slider to the frame that shows its effect.
function measured(own, began, moved) {
  requestAnimationFrame(() => setTimeout(() => {
    const time = performance.now() - began;
    own.root.dataset.ms = time.toFixed(1);
    own.root.dataset.moves = Number(own.root.dataset.moves) + 1;
    own.say(moved ? `redrawn in ${time.toFixed(0)} ms` : "");
  }));
}

function render(own) {
  own.root.classList.remove("stale");
  const { plots, numbers, note } = own.picture;
  while (own.pictures.children.length > plots.length) own.pictures.lastChild.remove();
  plots.forEach((plot, index) => {
    const figure = own.pictures.children[index] || own.pictures.appendChild(newFigure(own, index));
    figure.querySelector("b").textContent = plot.title;
    const width = Math.max(280, Math.floor(figure.clientWidth));
    figure.lastChild.innerHTML = draw(plot, width, theme);
  });
  own.numbers.replaceChildren(...numbers.map(([name, value]) => {
    const said = typeof value === "number" ? String(Number(value.toPrecision(8))) : value ?? "-";
    return make("tr", {}, make("th", { scope: "row" }, name), make("td", { "data-value": value, class: typeof value }, said));
  }));
  own.note.textContent = note;
  own.call.textContent = callOf(own);
  const equations = own.panel.equations[wordOf(own)] || own.panel.equations[""];
  const latex = equations.map((equation) => equation.latex).join("\n");
  if (own.equations.dataset.latex !== latex) {
    own.equations.dataset.latex = latex;
    own.equations.innerHTML = equations.map((e) => `<math display="block">${e.mathml}</math>`).join("");
  }
}

function callOf(own) {
  const call = own.panel.calls[wordOf(own)] || own.panel.calls[""];
  return call.replace(/\{(\w+)\}/g, (all, name) => String(own.values[name] ?? all));
}

// ---- what is taken away

function download(name, kind, text) {
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: kind })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function newFigure(own, index) {
  const file = `mvtheory-${own.panel.name}${index ? `-${index + 1}` : ""}`;
  const plot = () => own.picture.plots[index];
  const button = (name, act) => {
    const made = make("button", { type: "button", "data-file": name }, name);
    made.addEventListener("click", act);
    return made;
  };
  return make("figure", {}, make("figcaption", {}, make("b"), make("span", {},
    button("SVG", () => download(`${file}.svg`, "image/svg+xml", draw(plot(), 720, LIGHT))),
    button("CSV", () => download(`${file}.csv`, "text/csv", table(plot()))))),
    make("div"));
}

function copier(own, what, text) {
  const button = make("button", { type: "button", "data-copy": what }, `Copy ${what}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text());
    } catch {
      const area = document.body.appendChild(make("textarea"));
      area.value = text();
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    own.say(`${what} copied`);
  });
  return button;
}

// ---- controls

const GREEK = { mu: "\u03bc", sigma: "\u03c3", rho: "\u03c1", lambda: "\u03bb" };

// A symbol as it is printed: a_H with its index below, mu as the letter.
function signed(symbol) {
  const [name, index] = symbol.split("_");
  return make("b", {}, GREEK[name] || name, ...(index ? [make("sub", {}, index)] : []));
}

function newControl(own, control) {
  const id = `control-${control.name}`, name = control.symbol || control.name;
  const label = make("label", { for: id }, signed(name), make("span", {}, control.meaning));
  const box = make("div", { class: "control", "data-control": control.name }, label);
  if (control.kind === "choice") {
    const select = make("select", { id }, ...control.values.map((word) => make("option", {}, word)));
    select.addEventListener("input", (event) => {
      own.values[control.name] = select.value;
      hideOthers(own);
      redraw(event);
    });
    box.append(select);
    return box;
  }
  const slider = make("input", { id, type: "range", min: 0, max: control.values.length - 1, step: 1 });
  const shown = control.typed
    ? make("input", { type: "text", inputmode: "decimal", "aria-label": `${name}, ${control.range}` })
    : make("output", { for: id });
  const say = (value) => {
    own.values[control.name] = value;
    shown.value = value;
    slider.setAttribute("aria-valuetext", `${name} = ${value}`);
  };
  slider.value = control.start;
  say(control.values[control.start]);
  slider.disabled = control.values.length < 2;
  slider.addEventListener("input", (event) => {
    say(control.values[slider.value]);
    redraw(event);
  });
  shown.addEventListener("change", (event) => {
    const text = shown.value.trim(), value = text === "" ? NaN : Number(text);
    const far = control.values.map((stop) => Math.abs(stop - value));
    if (!Number.isNaN(value)) slider.value = far.indexOf(Math.min(...far));
    own.values[control.name] = Number.isNaN(value) ? text : value;
    redraw(event);
  });
  box.append(make("div", { class: "move" }, slider, shown));
  return box;
}

function hideOthers(own) {
  for (const control of own.panel.controls)
    own.root.querySelector(`[data-control="${control.name}"]`).hidden = !isShown(own, control);
}

function show(name) {
  const panel = STATE.panels.find((one) => one.name === name) || STATE.panels[0];
  const own = { panel, values: {}, busy: false, again: false };
  [current, since] = [own, null];
  for (const link of document.querySelectorAll("#tabs a"))
    if (link.hash === `#${panel.name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  for (const control of panel.controls) own.values[control.name] = control.values[control.start];
  own.time = make("p", { class: "fine", role: "status" });
  own.say = (text) => { own.time.textContent = text; };
  own.wrong = make("p", { class: "wrong", role: "alert" });
  own.pictures = make("div", { class: "pictures" });
  own.numbers = make("tbody");
  own.note = make("p", { class: "fine" });
  own.call = make("pre", { tabindex: 0, "aria-label": "Python call" });
  own.equations = make("div", { class: "equations", tabindex: 0, role: "group", "aria-label": "Equations" });
  const grid = STATE.live || panel.closed ? "" :
    `Computed beforehand at ${Object.keys(STATE.pictures[panel.name]).length} settings, rounded to 8 ` +
    "digits: sliders stop there only. The command mvtheory explore computes any setting.";
  own.root = make("section", { "data-panel": panel.name, "data-moves": 0 },
    make("h2", {}, panel.title), make("p", {}, panel.words), make("p", { class: "fine grid" }, grid),
    make("div", { class: "board" },
      make("fieldset", { class: "controls", "aria-label": "Controls" },
        ...panel.controls.map((control) => newControl(own, control)), own.wrong, own.time),
      own.pictures),
    make("h3", {}, "Numbers"), make("table", {}, own.numbers), own.note,
    make("div", { class: "copy" }, make("h3", {}, "Equation"),
      copier(own, "LaTeX", () => own.equations.dataset.latex)), own.equations,
    make("div", { class: "copy" }, make("h3", {}, "The same in Python"),
      copier(own, "Python", () => callOf(own))), own.call);
  main.replaceChildren(own.root);
  hideOthers(own);
  document.title = `${panel.title} · mvtheory explore`;
  redraw();
}

function start() {
  theme = themeNow();
  document.getElementById("tabs").append(...STATE.panels.map((panel) =>
    make("li", {}, make("a", { href: `#${panel.name}` }, panel.title))));
  document.getElementById("mode").textContent = STATE.live
    ? "Numbers are computed by mvtheory on this machine."
    : "This file needs no server: closed forms are evaluated here.";
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    theme = themeNow();
    if (current.picture) render(current);
  });
  addEventListener("resize", () => { if (current.picture) render(current); });
  addEventListener("hashchange", () => {
    if (location.hash !== "#panel") show(location.hash.slice(1));
  });
  show(location.hash.slice(1));
}
start();

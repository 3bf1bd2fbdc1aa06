// The page: a panel at a time, its controls, and what it shows at their values.

const STATE = JSON.parse(document.getElementById("state").textContent);
const main = document.getElementById("panel");
const LIGHT = { ink: "#1b1f24", soft: "#525b66", rule: "#c9cfd6", fill: "#c3cbd5", paper: "#ffffff",
  lines: ["#0b5394", "#b45309", "#38761d", "#741b47", "#444444"] };
let theme, current, since = null;

function themeNow() {
  const style = getComputedStyle(document.documentElement);
  const get = (name) => style.getPropertyValue(`--${name}`).trim();
  return { ink: get("ink"), soft: get("soft"), rule: get("rule"), fill: get("fill"),
    paper: get("paper"), lines: [1, 2, 3, 4, 5].map((k) => get(`line-${k}`)) };
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
    own.wrong.textContent = error.message;
    own.root.classList.add("stale");
    own.root.dataset.moves = Number(own.root.dataset.moves) + 1;
  }
  clearTimeout(slow);
  own.say("");
  own.busy = false;
  if (own.again && own === current) redraw();
}

// The time from the event that moved a slider to the frame that shows its effect.
function measured(own, began, moved) {
  requestAnimationFrame(() => setTimeout(() => {
    const time = performance.now() - began;
    own.root.dataset.ms = time.toFixed(1);
    own.root.dataset.moves = Number(own.root.dataset.moves) + 1;
    own.time.textContent = moved ? `redrawn in ${time.toFixed(0)} ms` : "";
  }));
}

function render(own) {
  own.root.classList.remove("stale");
  const { plots, numbers, note } = own.picture;
  while (own.pictures.children.length > plots.length) own.pictures.lastChild.remove();
  // All of them before one is drawn: how many there are decides how wide each is.
  plots.forEach((plot, index) => own.pictures.children[index] || own.pictures.append(newFigure(own, index)));
  plots.forEach((plot, index) => {
    const figure = own.pictures.children[index];
    figure.querySelector("b").textContent = plot.title;
    const width = Math.max(280, Math.floor(figure.clientWidth));
    figure.lastChild.innerHTML = draw(plot, width, theme);
  });
  own.numbers.replaceChildren(...numbers.map(([name, value]) => {
    const said = typeof value === "number" ? String(Number(value.toPrecision(8))) : value ?? "-";
    return make("tr", {}, make("th", { scope: "row" }, name),
      make("td", { "data-value": value, class: typeof value }, said));
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
  own.time = make("p", { class: "fine" });
  const status = make("p", { class: "fine", role: "status" });
  own.say = (text) => { status.textContent = text; };
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
        ...panel.controls.map((control) => newControl(own, control)), own.wrong, status, own.time),
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

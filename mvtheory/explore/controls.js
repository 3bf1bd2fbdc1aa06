// Parts of a panel: its controls, its figures with what is downloaded of them, and copying.

function make(tag, attributes = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
}

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

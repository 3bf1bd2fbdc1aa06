// What a panel shows at the values of its controls: asked of the server, evaluated or looked up.

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

const wordOf = (own) => (own.panel.controls[0].kind === "choice" ? own.values[own.panel.controls[0].name] : "");
const isShown = (own, control) => !control.only.length || control.only.includes(wordOf(own));

async function ask(own) {
  const { panel, values } = own;
  for (const control of panel.controls) if (!STATE.live) check(control, values[control.name]);
  if (STATE.live) {
    const address = `picture/${panel.name}?${new URLSearchParams(values)}`;
    const answer = await fetch(address).catch(() => {
      throw new Error("The server does not answer: start mvtheory explore again.");
    });
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

// The page works without it: it finds words, and opens and closes all claims.
const every = [...document.querySelectorAll("details.claim")];
const words = document.querySelector("#words");
document.querySelectorAll(".needs-script").forEach((own) => own.removeAttribute("hidden"));
words.addEventListener("input", () => {
  const wanted = words.value.toLowerCase();
  every.forEach((own) => own.classList.toggle("missed", !own.textContent.toLowerCase().includes(wanted)));
});
document.querySelector("#all").addEventListener("click", () => {
  const open = every.some((own) => !own.open);
  every.forEach((own) => { own.open = open; });
});
// Where a browser does not by itself open what a link leads into.
const reveal = () => document.getElementById(decodeURIComponent(location.hash.slice(1)))?.closest("details.claim")?.setAttribute("open", "");
addEventListener("hashchange", reveal);
reveal();

for (const place of document.querySelectorAll("[data-tex]")) {
  katex.render(place.dataset.tex, place, { throwOnError: true });
}
// On a narrow page the contents would push the text away.
if (matchMedia("(max-width: 50rem)").matches) document.querySelector("nav details").open = false;

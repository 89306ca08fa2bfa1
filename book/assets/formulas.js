for (const place of document.querySelectorAll("[data-tex]")) {
  katex.render(place.dataset.tex, place, { throwOnError: true, displayMode: "display" in place.dataset });
}

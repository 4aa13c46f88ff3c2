"use strict";
(() => {
  const box = document.getElementById("filter");
  const count = document.getElementById("count");
  const topics = [...document.querySelectorAll("section.topic")];
  const entries = [...document.querySelectorAll("article.identity")];
  const show = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const one of entries) one.hidden = !words.every((word) => one.dataset.words.includes(word));
    for (const one of topics) one.hidden = !one.querySelector("article.identity:not([hidden])");
    count.textContent = `${entries.filter((one) => !one.hidden).length} of ${entries.length}`;
  };
  document.getElementById("search").hidden = false;
  box.addEventListener("input", show);
  show();
})();

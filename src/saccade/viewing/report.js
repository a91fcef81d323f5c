"use strict";
// Each scenario waits in an inert <template>: its pictures are decoded only when a step is shown.
(() => {
  const browser = document.querySelector(".browser");
  if (!browser) return;
  const find = (selector) => browser.querySelector(selector);
  const picks = [...browser.querySelectorAll(".pick")];
  const filters = [...browser.querySelectorAll(".filter button")];
  const [previous, play, next] = ["previous", "play", "next"].map((name) => find(`.${name}`));
  const timeline = find(".timeline");
  const dialog = document.querySelector("dialog");
  const MILLISECONDS_A_STEP = 1100;
  let scenario = -1, step = 0, steps = [], timer = 0;

  function showScenario(index, first = 0) {
    stop();
    scenario = index;
    const pick = picks[index];
    steps = [...document.getElementById(pick.dataset.scenario).content.querySelectorAll(".step")];
    picks.forEach((other) => other.setAttribute("aria-current", other === pick));
    find(".player h3").textContent = pick.querySelector(".name").textContent;
    find(".player .about").textContent = pick.querySelector(".about").textContent;
    timeline.replaceChildren(...steps.map((each, i) => {
      const tick = document.createElement("button");
      tick.type = "button";
      tick.dataset.mark = each.dataset.mark;
      tick.title = `Step ${i + 1}: ${each.querySelector("p").textContent}`;
      tick.setAttribute("aria-label", tick.title);
      tick.addEventListener("click", () => { stop(); showStep(i); });
      return tick;
    }));
    showStep(first);
  }

  function showStep(index) {
    step = Math.max(0, Math.min(index, steps.length - 1));
    const shown = steps.length ? document.importNode(steps[step], true) : "";
    find(".stage").replaceChildren(shown);
    find(".position").textContent = steps.length ? `Step ${step + 1} of ${steps.length}` : "No steps";
    previous.disabled = step === 0;
    next.disabled = step >= steps.length - 1;
    play.disabled = steps.length < 2;
    [...timeline.children].forEach((tick, i) => {
      if (i === step) tick.setAttribute("aria-current", "step");
      else tick.removeAttribute("aria-current");
    });
    // A page shown inside another program's frame may not change its address.
    if (["file:", "http:", "https:"].includes(location.protocol)) {
      history.replaceState(null, "", `#${picks[scenario].dataset.scenario}.${step + 1}`);
    }
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
  }

  function togglePlay() {
    if (timer) return stop();
    if (step >= steps.length - 1) showStep(0);
    play.textContent = "Pause";
    timer = setInterval(() => {
      showStep(step + 1);
      if (step >= steps.length - 1) stop();
    }, MILLISECONDS_A_STEP);
  }

  function moveScenario(by) {
    const visible = picks.filter((pick) => !pick.parentElement.hidden);
    const place = visible.indexOf(picks[scenario]);
    const target = visible[Math.max(0, Math.min(place + by, visible.length - 1))];
    if (!target) return;
    showScenario(picks.indexOf(target));
    target.scrollIntoView({ block: "nearest" });
  }

  function applyFilter(button) {
    filters.forEach((other) => other.setAttribute("aria-pressed", other === button));
    const onlyFailed = button.dataset.filter === "failed";
    picks.forEach((pick) => {
      pick.parentElement.hidden = onlyFailed && pick.dataset.failed !== "true";
    });
    if (picks[scenario].parentElement.hidden) moveScenario(0);
  }

  function fromAddress() {
    const [name, number] = location.hash.slice(1).split(".");
    const index = picks.findIndex((pick) => pick.dataset.scenario === name);
    return index < 0 ? [0, 0] : [index, (Number(number) || 1) - 1];
  }

  picks.forEach((pick, i) => pick.addEventListener("click", () => showScenario(i)));
  filters.forEach((button) => button.addEventListener("click", () => applyFilter(button)));
  previous.addEventListener("click", () => { stop(); showStep(step - 1); });
  next.addEventListener("click", () => { stop(); showStep(step + 1); });
  play.addEventListener("click", togglePlay);
  window.addEventListener("hashchange", () => showScenario(...fromAddress()));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (direction === undefined) return;
    event.preventDefault();
    if (event.shiftKey) return moveScenario(direction);
    stop();
    showStep(step + direction);
  });
  find(".stage").addEventListener("click", (event) => {
    if (!(event.target instanceof HTMLImageElement)) return;
    stop();
    const large = event.target.cloneNode();
    const label = document.createElement("p");
    label.textContent = large.alt;
    dialog.replaceChildren(large, label);
    dialog.showModal();
  });
  dialog.addEventListener("click", () => dialog.close());
  browser.classList.add("ready");
  showScenario(...fromAddress());
})();

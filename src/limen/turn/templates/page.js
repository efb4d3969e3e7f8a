(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("data").textContent);
  var names = ["dose", "told", "against", "people"];
  var at = {}, guess = null;
  var byId = function (id) { return document.getElementById(id); };
  var SVG = "http://www.w3.org/2000/svg";

  // ---- what is shown -------------------------------------------------------------------------------------------
  var arrays = data.arrays.map(function (array, number) {
    var figure = byId("array-" + array.id), svg = document.createElementNS(SVG, "svg");
    var order = ["drug", "comparator", "right", "day", "scale"].indexOf(array.id);
    svg.setAttribute("viewBox", "0 0 100 100");
    svg.setAttribute("role", "img");
    ["ink", "belief"].forEach(function (colour) {
      var pattern = svg.appendChild(document.createElementNS(SVG, "pattern"));
      pattern.id = "hatch-" + colour + "-" + number;
      pattern.setAttribute("width", "2.4"); pattern.setAttribute("height", "2.4");
      pattern.setAttribute("patternUnits", "userSpaceOnUse"); pattern.setAttribute("patternTransform", "rotate(45)");
      var line = pattern.appendChild(document.createElementNS(SVG, "rect"));
      line.setAttribute("width", "1.5"); line.setAttribute("height", "2.4"); line.setAttribute("fill", "var(--" + colour + ")");
    });
    var circles = [];
    for (var i = 0; i < 100; i++) {
      var circle = svg.appendChild(document.createElementNS(SVG, "circle"));
      circle.setAttribute("cx", (i % 10) * 10 + 5); circle.setAttribute("cy", Math.floor(i / 10) * 10 + 5); circle.setAttribute("r", 4);
      circles.push(circle);
    }
    figure.querySelector(".hundred").appendChild(svg);
    return { of: array, number: number, order: order, figure: figure, svg: svg, circles: circles };
  });

  function stop() { return data.dials.dose[at.dose]; }
  // Doses beyond the model stand at the end of the dial and have no cell.
  function cell() { return stop().beyond ? null : data.cells[at.dose][at.told][at.against][at.people]; }
  function rests(array) { return array.rests[array.rests.length > 1 ? at.against : 0]; }

  // Of each of 100 dots: its colour, and whether it is full, small or a ring.
  function hundred(array, found) {
    var full = found.dots[array.order], trial = array.order - 3, dots = [];
    var plain = trial >= 0 && found.adds[trial] ? Math.min(found.without[trial], full) : full;
    for (var i = 0; i < 100; i++) {
      var small = array.of.id === "right" && i >= full && i < full + found.unsure;
      dots.push({ full: i < full, small: small, colour: i < full && i >= plain ? "belief" : "ink" });
    }
    return dots;
  }

  function draw(array, found) {
    var why = rests(array.of), hatched = why.status !== "measured";
    var put = function (name, text) { array.figure.querySelector("." + name).textContent = text; };
    var dots = found ? hundred(array, found) : [];
    array.circles.forEach(function (circle, i) {
      var dot = dots[i] || { full: false, small: false, colour: "ink" };
      circle.setAttribute("r", dot.small ? 1.6 : 4);
      circle.style.fill = !dot.full && !dot.small ? "transparent"
        : hatched && dot.full ? "url(#hatch-" + dot.colour + "-" + array.number + ")" : "var(--" + dot.colour + ")";
    });
    var title = array.figure.querySelector(".title").textContent;
    var count = found ? data.texts[found.count[array.order]] : "no number";
    put("count", count);
    put("error", found ? data.texts[found.error[array.order]] + "." : "");
    put("more", !found ? "" : array.order >= 3 ? data.texts[found.belief[array.order - 3]]
      : array.of.id === "right" ? found.unsure + " more do not know (small dots)." : "");
    put("why", why.why.charAt(0).toUpperCase() + why.why.slice(1) + ".");
    array.svg.setAttribute("aria-label", count + " " + title);
  }

  function sentence() {
    var found = cell();
    return found ? found.say.map(function (i) { return data.texts[i]; }).join(" ") : stop().note;
  }

  function show() {
    var found = cell(), outside = byId("outside");
    byId("shown").textContent = stop().label;
    byId("dose").value = at.dose;
    byId("dose").setAttribute("aria-valuetext", stop().label + (stop().measured ? "" : ", outside the measured range"));
    names.slice(1).forEach(function (name) { byId(name).value = at[name]; });
    if (byId("sentence").textContent !== sentence()) { byId("sentence").textContent = sentence(); }
    outside.hidden = !found || !stop().note;
    outside.textContent = stop().note;
    document.body.classList.toggle("outside-range", !stop().measured);
    arrays.forEach(function (array) { draw(array, found); });
  }

  // ---- state in the address ------------------------------------------------------------------------------------
  function label(name) { return data.dials[name][at[name]].label; }

  function write() {
    var said = new URLSearchParams();
    names.forEach(function (name) { said.set(name, label(name)); });
    if (guess !== null) { said.set("guess", guess); }
    history.replaceState(null, "", "#" + said.toString());
  }

  function read() {
    var said = new URLSearchParams(location.hash.slice(1));
    names.forEach(function (name) {
      var found = data.dials[name].findIndex(function (one) { return one.label === said.get(name); });
      at[name] = found < 0 ? data.own[name] : found;
    });
    if (said.has("guess")) { reveal(said.get("guess")); }
    show();
  }

  function turn(name, value) { at[name] = Number(value); byId("done").textContent = ""; show(); write(); }

  // ---- the guess -----------------------------------------------------------------------------------------------
  function reveal(said) {
    var number = Math.round(Number(said));
    guess = said === "none" || said === "" || !(number >= 0 && number <= 100) ? "none" : String(number);
    byId("guess").hidden = true; byId("turned").hidden = false;
    byId("revealed").hidden = guess === "none";
    byId("revealed").textContent = "You said " + guess + " of 100. The simulated trials of the protocol as written say " + data.answer + ".";
  }

  byId("guess").hidden = false; byId("turned").hidden = true;
  byId("guess").addEventListener("submit", function (event) {
    event.preventDefault(); reveal(byId("said").value); write(); byId("dose").focus();
  });
  byId("skip").addEventListener("click", function () { reveal("none"); write(); byId("dose").focus(); });

  // ---- what can be taken away ----------------------------------------------------------------------------------
  function setting() { return names.slice(1).map(label).join("; "); }
  function cited() { return sentence() + (cell() && stop().note ? " " + stop().note : "") + " (Set to: " + stop().label + "; " + setting() + ". " + data.citation + ")"; }

  function done(text) { byId("done").textContent = text; }

  byId("copy").addEventListener("click", function () {
    var text = cited();
    var by_hand = function () {
      var area = document.body.appendChild(document.createElement("textarea"));
      area.value = text; area.select();
      var copied = document.execCommand("copy");
      area.remove(); byId("copy").focus();
      done(copied ? "Copied with its citation." : "This browser does not let the page copy: select the sentence and copy it.");
    };
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(text).then(function () { done("Copied with its citation."); }, by_hand);
    } else { by_hand(); }
  });

  function lines(pen, text, width) {
    var found = [], line = "";
    text.split(" ").forEach(function (word) {
      if (line && pen.measureText(line + " " + word).width > width) { found.push(line); line = word; }
      else { line = line ? line + " " + word : word; }
    });
    return found.concat(line);
  }

  function write_lines(pen, text, x, y, width, height) {
    lines(pen, text, width).forEach(function (line) { pen.fillText(line, x, y); y += height; });
    return y;
  }

  function dot(pen, x, y, radius, one, hatched, colour) {
    pen.beginPath(); pen.arc(x, y, one.small ? radius * 0.4 : radius, 0, 2 * Math.PI);
    pen.strokeStyle = colour.soft; pen.lineWidth = 1; pen.stroke();
    if (!one.full && !one.small) { return; }
    pen.fillStyle = pen.strokeStyle = colour[one.colour];
    if (!hatched || one.small) { pen.fill(); return; }
    pen.save(); pen.clip(); pen.lineWidth = 2;
    for (var shift = -2 * radius; shift <= 2 * radius; shift += 4.5) {
      pen.beginPath(); pen.moveTo(x - radius + shift, y + radius); pen.lineTo(x + radius + shift, y - radius); pen.stroke();
    }
    pen.restore();
  }

  function picture() {
    var canvas = document.createElement("canvas"), pen = canvas.getContext("2d"), found = cell();
    canvas.width = 1920; canvas.height = 1080;
    // A slide is light, whatever the page is.
    var colour = { paper: "#fffefb", ink: "#1d1f24", soft: "#565a63", belief: "#563289" };
    var font = function (size, weight) { pen.font = (weight || "") + " " + size + "px Georgia, 'Liberation Serif', serif"; };
    pen.fillStyle = colour.paper; pen.fillRect(0, 0, 1920, 1080);
    pen.fillStyle = colour.ink; pen.textBaseline = "top";
    font(46, "600"); var y = write_lines(pen, stop().label.split(",")[0] + " of " + data.form + ", against " + label("against").split(",")[0], 80, 60, 1760, 58);
    font(32); y = write_lines(pen, sentence(), 80, y + 16, 1760, 44);
    if (found && stop().note) { font(24); pen.fillStyle = colour.soft; y = write_lines(pen, stop().note, 80, y + 8, 1760, 32); }
    var wide = 1760 / arrays.length, side = Math.min(290, wide - 50, 1080 - 300 - y);
    y += 36;
    arrays.forEach(function (array, i) {
      var x = 80 + i * wide, step = side / 10, hatched = rests(array.of).status !== "measured";
      (found ? hundred(array, found) : []).forEach(function (one, k) {
        dot(pen, x + (k % 10 + 0.5) * step, y + (Math.floor(k / 10) + 0.5) * step, step * 0.4, one, hatched, colour);
      });
      pen.fillStyle = colour.ink; font(21);
      write_lines(pen, array.svg.getAttribute("aria-label"), x, y + side + 14, wide - 40, 27);
    });
    pen.fillStyle = colour.soft; font(18);
    write_lines(pen, "Hatched: rests on an assumption. Violet: what belief adds. " + setting() + ". " + data.citation, 80, 995, 1760, 24);
    return canvas;
  }

  byId("picture").addEventListener("click", function () {
    var link = document.createElement("a");
    link.download = "limen-" + stop().label.split(",")[0].replace(/[^a-zA-Z0-9.]+/g, "-") + ".png";
    link.href = picture().toDataURL("image/png");
    link.click();
    done("Saved as " + link.download + ".");
  });

  byId("back").addEventListener("click", function () {
    names.forEach(function (name) { at[name] = data.own[name]; });
    done(""); show(); write();
  });
  byId("dose").addEventListener("input", function () { turn("dose", this.value); });
  names.slice(1).forEach(function (name) { byId(name).addEventListener("change", function () { turn(name, this.value); }); });
  // On paper nothing is folded.
  var folded = [];
  window.addEventListener("beforeprint", function () {
    folded = [].slice.call(document.querySelectorAll("details:not([open])"));
    folded.forEach(function (one) { one.open = true; });
  });
  window.addEventListener("afterprint", function () { folded.forEach(function (one) { one.open = false; }); });
  window.addEventListener("hashchange", read);
  read();
})();

(function () {
  var table = document.getElementById("parameters");
  if (table) {
    var heads = table.tHead.rows[0].cells, body = table.tBodies[0];
    var key = function (row, i) {
      var cell = row.cells[i], v = cell.getAttribute("data-v");
      return v === null ? cell.textContent.trim().toLowerCase() : parseFloat(v);
    };
    Array.prototype.forEach.call(heads, function (head, i) {
      var button = document.createElement("button");
      button.type = "button"; button.textContent = head.textContent; head.textContent = ""; head.appendChild(button);
      button.addEventListener("click", function () {
        var numeric = head.classList.contains("n");
        var up = head.getAttribute("aria-sort") ? head.getAttribute("aria-sort") === "descending" : !numeric;
        Array.prototype.forEach.call(heads, function (h) { h.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        Array.prototype.slice.call(body.rows).sort(function (a, b) {
          var x = key(a, i), y = key(b, i);
          return (x < y ? -1 : x > y ? 1 : 0) * (up ? 1 : -1);
        }).forEach(function (row) { body.appendChild(row); });
      });
    });
  }
  var open = function () {
    var target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (var at = target; at; at = at.parentElement) { if (at.tagName === "DETAILS") at.open = true; }
    target.scrollIntoView({ block: "nearest" });
  };
  window.addEventListener("hashchange", open);
  open();
})();

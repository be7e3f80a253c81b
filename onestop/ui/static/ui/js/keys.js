/* Keys. Whatever carries data-key="e", "g d", "alt+n", "ctrl+enter" or "f2" is pressed (or, if it is a field, entered)
   by that key; so every key has a button, and without this script the buttons remain.
   Lists: [data-rows] holds [data-row] elements; J and K move, Enter opens [data-open], X ticks the row's box; a key of
   the row itself is data-row-key. Single letters do nothing while typing or composing, and can be switched off. */
(function () {
  "use strict";
  var OFF = "onestop.keys.off";
  var pending = "";
  var pendingTimer = 0;

  function lettersOff() {
    try { return localStorage.getItem(OFF) === "1"; } catch (error) { return false; }
  }
  function typing(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) &&
      !/^(checkbox|radio|button|submit)$/.test(target.type);
  }
  function nameOf(event) {
    var key = event.key.toLowerCase();
    if (key === " ") key = "space";
    var name = (event.ctrlKey ? "ctrl+" : "") + (event.altKey ? "alt+" : "");
    if (event.shiftKey && (key.length > 1 || /[a-z]/.test(key))) name += "shift+";
    return name + key;
  }
  function visible(element) { return element.getClientRects().length > 0; }
  function find(name, attribute, root) {
    var all = (root || document).querySelectorAll("[" + attribute + "]");
    for (var i = 0; i < all.length; i++) {
      if (all[i].getAttribute(attribute) === name && !all[i].disabled && visible(all[i])) return all[i];
    }
    return null;
  }
  function press(element) {
    if (typing(element)) { element.focus(); if (element.select) element.select(); } else element.click();
  }

  /* Lists */
  function rows() { return Array.prototype.filter.call(document.querySelectorAll("[data-rows] [data-row]"), visible); }
  function cursor() { return document.querySelector("[data-row].is-cursor"); }
  function moveTo(row) {
    var old = cursor();
    if (old) old.classList.remove("is-cursor");
    row.classList.add("is-cursor");
    var link = row.querySelector("[data-open], a[href]");
    if (link) link.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
  function step(by) {
    var all = rows();
    if (!all.length) return false;
    var at = all.indexOf(cursor());
    moveTo(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + by))]);
    return true;
  }
  function mark(box) {
    var row = box.closest("[data-row]");
    if (row) row.classList.toggle("is-chosen", box.checked);
  }
  function listKey(name, event) {
    if (name === "j") return step(1);
    if (name === "k") return step(-1);
    var row = cursor();
    if (!row) return false;
    var own = find(name, "data-row-key", row);
    if (own) { press(own); return true; }
    if (name === "x") {
      var box = row.querySelector("input[type=checkbox]");
      if (box) { box.click(); return true; }
    }
    if (name === "enter" && !event.target.closest("a, button, input, summary")) {
      var link = row.querySelector("[data-open], a[href]");
      if (link) { link.click(); return true; }
    }
    return false;
  }

  /* The list of all keys */
  var dialog = document.getElementById("keys-dialog");
  function words(element) {
    var copy = element.cloneNode(true);
    copy.querySelectorAll("kbd, .count, svg").forEach(function (part) { part.remove(); });
    var label = element.getAttribute("aria-label") || copy.textContent.trim();
    if (!label && element.id) {
      var tag = document.querySelector('label[for="' + element.id + '"]');
      label = tag ? tag.textContent.trim() : "";
    }
    return label;
  }
  function kbd(name) {
    return name.split(" ").map(function (part) {
      return part.split("+").map(function (word) { return word.charAt(0).toUpperCase() + word.slice(1); }).join(" ");
    });
  }
  function showKeys() {
    if (!dialog) return;
    var list = dialog.querySelector("[data-keys-list]");
    list.textContent = "";
    var seen = {};
    document.querySelectorAll("[data-key]").forEach(function (element) {
      var name = element.dataset.key;
      if (seen[name] || element.hasAttribute("data-keys-open") || !visible(element)) return;
      seen[name] = true;
      var term = document.createElement("dt");
      kbd(name).forEach(function (part) {
        var key = document.createElement("kbd");
        key.textContent = part;
        term.append(key, " ");
      });
      var text = document.createElement("dd");
      text.textContent = words(element);
      list.append(term, text);
    });
    dialog.querySelector("[data-keys-switch]").checked = !lettersOff();
    dialog.showModal();
  }

  document.addEventListener("keydown", function (event) {
    if (event.isComposing || event.keyCode === 229 || event.metaKey || event.defaultPrevented) return;
    if (dialog && dialog.open) return;
    var name = nameOf(event);
    var plain = !event.ctrlKey && !event.altKey && event.key.length === 1;
    if (event.key === "Escape") {
      document.querySelectorAll("details.person[open], details.bar__index[open], details.site-nav__index[open]")
        .forEach(function (menu) { menu.open = false; menu.querySelector("summary").focus(); });
      return;
    }
    if (plain && (typing(event.target) || lettersOff())) return;
    if (name.length === 1 && pending) {
      var second = find(pending + " " + name, "data-key");
      pending = "";
      if (second) { event.preventDefault(); press(second); return; }
    }
    if (typing(event.target) && !/^(ctrl|alt|f\d)/.test(name)) return;
    if (name === "g" && document.querySelector('[data-key^="g "]')) {
      pending = "g";
      clearTimeout(pendingTimer);
      pendingTimer = setTimeout(function () { pending = ""; }, 1500);
      return;
    }
    if (name === "?" && dialog) { event.preventDefault(); showKeys(); return; }
    if (listKey(name, event)) { event.preventDefault(); return; }
    if (name === "enter" || name === "space") return;
    var target = find(name, "data-key");
    if (target) { event.preventDefault(); press(target); }
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-keys-open]")) showKeys();
    if (event.target.closest("[data-keys-close]")) dialog.close();
    document.querySelectorAll("details.person[open], details.bar__index[open], details.site-nav__index[open]")
      .forEach(function (menu) { if (!menu.contains(event.target)) menu.open = false; });
    var reveal = event.target.closest("[data-reveal]");
    if (reveal) {
      var secret = document.getElementById(reveal.dataset.reveal);
      var shown = secret.type === "text";
      secret.type = shown ? "password" : "text";
      var word = reveal.textContent;
      reveal.textContent = reveal.dataset.hide;
      reveal.dataset.hide = word;
      secret.focus();
    }
  });
  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-keys-switch]")) {
      try { localStorage.setItem(OFF, event.target.checked ? "0" : "1"); } catch (error) { /* private mode */ }
    } else if (event.target.matches("[data-choose-all]")) {
      event.target.closest("[data-rows], table, form").querySelectorAll("[data-row] input[type=checkbox]")
        .forEach(function (box) { box.checked = event.target.checked; mark(box); });
    } else if (event.target.matches("[data-row] input[type=checkbox]")) mark(event.target);
    else if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
  });
  document.querySelectorAll("[data-reveal][hidden]").forEach(function (button) { button.hidden = false; });
  document.querySelectorAll(".table-wrap").forEach(function (wrap) {
    if (wrap.scrollWidth > wrap.clientWidth) wrap.tabIndex = 0; /* so that the arrow keys can scroll it */
  });
  var summary = document.querySelector(".error-summary");
  if (summary) summary.focus();
})();

/* The theme a person chose, set before the first paint and switched without a reload.
   Without this script the server reads the same cookie and the switch is an ordinary form. */
(function () {
  "use strict";
  var found = document.cookie.match(/(?:^|; )onestop_theme=(light|dark)/);
  if (found) document.documentElement.dataset.theme = found[1];
  else delete document.documentElement.dataset.theme;

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-theme-form] button");
    if (!button) return;
    event.preventDefault();
    var secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = "onestop_theme=" + button.value + "; Path=/; SameSite=Lax; Max-Age=" +
      (button.value ? 31536000 : 0) + secure;
    if (button.value) document.documentElement.dataset.theme = button.value;
    else delete document.documentElement.dataset.theme;
    button.form.querySelectorAll("button").forEach(function (each) {
      each.setAttribute("aria-pressed", String(each === button));
    });
  });
})();

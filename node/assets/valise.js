// Liveness for the portal: what fell since, saving while one types, keys. Every page works without it.
// It decides nothing about content: each fragment comes from the server, cleared for this session.
(() => {
  "use strict";
  const $ = (id) => document.getElementById(id);
  const body = document.body;
  const plainTitle = document.title;
  document.documentElement.classList.add("has-script");

  // The reader's zone, so that the server writes local times that are local.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  document.cookie = `valise-zone=${encodeURIComponent(zone)}; Path=/; Secure; SameSite=Strict; Max-Age=31536000`;

  const typing = (node) => node && (node.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName));
  const zulu = () => new Date().toISOString().slice(11, 16) + "Z";
  const visible = (node) => node && node.offsetParent !== null;
  const phone = () => matchMedia("(max-width: 760px)").matches;

  // Clock and end of session.
  const clock = document.querySelector("[data-zulu]");
  const expires = Date.parse(body.dataset.expires || "");
  const tick = () => {
    if (clock) clock.textContent = zulu();
    const left = expires - Date.now();
    const banner = $("expiry");
    if (banner && left > 0 && left < 120000 && banner.hidden) {
      banner.hidden = false;
      banner.textContent = body.dataset.expiryText;
    }
  };
  if (clock) setInterval(tick, 5000);

  // After a refusal, focus goes to what it says.
  const trouble = document.querySelector("[data-focus]");
  if (trouble) trouble.focus();

  document.addEventListener("click", (event) => {
    const print = event.target.closest("[data-print]");
    if (print) window.print();
    const confirmed = event.target.closest("[data-confirm]");
    if (confirmed && !window.confirm(confirmed.dataset.confirm)) event.preventDefault();
  });

  // "5 unread", kept true while lines fall and papers open.
  function countUnread(change) {
    const live = $("live");
    if (!live) return;
    const n = Math.max(0, Number(live.dataset.unread) + change);
    live.dataset.unread = n;
    live.textContent = n === 0 ? live.dataset.none : `${n} ${n === 1 ? live.dataset.one : live.dataset.many}`;
  }

  live();
  draft();
  picker();
  keys();
  pane();

  // The teleprinter. Rows go in by themselves only when nobody is reading the list.
  function live() {
    const list = $("list");
    if (!list || !window.EventSource) return;
    const lines = $("lines"), urgentLines = $("urgent-lines"), fresh = $("fresh");
    let cursor = lines.dataset.cursor || "0";
    let waiting = [], unseen = 0, fetching = false, again = false, pause = 1000, lastHeard = zulu();

    const reading = () => {
      const scrolled = phone() ? window.scrollY : list.scrollTop;
      return scrolled > 8 || body.classList.contains("reading") || list.contains(document.activeElement) || typing(document.activeElement) || !visible(list);
    };
    const count = (n) => `${n} ${n === 1 ? fresh.dataset.one : fresh.dataset.many}`;
    // Urgent lines count until they are opened, whether the page is in sight or not.
    const showTitle = () => {
      const shown = Math.max(unseen, urgentLines.querySelectorAll(".row.unread").length);
      document.title = shown ? `(${shown}) ${plainTitle}` : plainTitle;
    };
    const remind = () => {
      const open = urgentLines.querySelectorAll(".line[data-urgent=flash] .row.unread, .line[data-urgent=override] .row.unread");
      open.forEach((row) => { $("alarm").textContent = ""; announce(row.closest(".line")); });
    };
    setInterval(remind, 60000);
    document.addEventListener("valise:opened", showTitle);

    // What is urgent waits for nobody: it stands on top as soon as it is here.
    const insertUrgent = (part) => {
      const urgent = part.querySelector("[data-urgent]");
      if (urgent && urgent.tagName === "UL" && urgent.children.length) {
        urgentLines.prepend(...urgent.children);
        $("urgent").hidden = false;
      }
    };
    const insert = (part) => {
      insertUrgent(part);
      const other = part.querySelector("ul[data-lines]");
      const days = [...other.querySelectorAll(".day")];
      const oldest = days[days.length - 1], first = lines.querySelector(".day");
      if (oldest && first && oldest.dataset.day === first.dataset.day) first.remove();
      lines.prepend(...[...other.children].filter((node, i, all) => !isBareDay(node, all[i + 1])));
      const empty = $("empty");
      if (empty) empty.remove();
      if (window.htmx) window.htmx.process(list);
    };
    const isBareDay = (node, next) => node.classList.contains("day") && !(next && next.classList.contains("line"));
    const flush = () => {
      waiting.splice(0).forEach(insert);
      fresh.hidden = true;
      unseen = 0;
      showTitle();
    };
    // After a reconnection the same line may come twice.
    const known = (row) => [list, ...waiting].some((place) => place.querySelector(`.line[data-id="${CSS.escape(row.dataset.id)}"]`));
    const take = (part) => {
      part.querySelectorAll(".line").forEach((row) => known(row) && row.remove());
      const rows = part.querySelectorAll(".line");
      if (!rows.length) return;
      rows.forEach((row) => announce(row));
      unseen += rows.length;
      countUnread([...rows].filter((row) => row.querySelector(".row.unread")).length);
      insertUrgent(part);
      waiting.push(part);
      if (reading()) {
        const held = waiting.reduce((n, one) => n + one.querySelectorAll(".line").length, 0);
        fresh.hidden = held === 0;
        fresh.textContent = count(held);
      } else {
        waiting.splice(0).forEach(insert);
        if (!document.hidden) unseen = 0;
      }
      showTitle();
    };
    const announce = (row) => {
      const urgency = row.dataset.urgent;
      if (!urgency) return;
      const parts = [".prec", ".from bdi", ".subject", ".label"].map((part) => row.querySelector(part));
      const text = parts.map((part) => (part ? part.textContent.trim() : "")).join(". ");
      (urgency === "immediate" ? $("news") : $("alarm")).textContent = text;
      if (urgency !== "immediate" && navigator.userActivation?.hasBeenActive && navigator.vibrate) navigator.vibrate([200, 100, 200]);
    };
    const fetchNew = async () => {
      if (fetching) { again = true; return; }
      fetching = true;
      try {
        const query = new URLSearchParams({ after: cursor, show: lines.dataset.show });
        const answer = await fetch(`/teleprinter/fragment?${query}`, { headers: { "HX-Request": "true" } });
        if (answer.status === 401) {
          location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
          return;
        }
        if (answer.ok) {
          const html = new DOMParser().parseFromString(await answer.text(), "text/html");
          const part = html.body.firstElementChild;
          if (part) { cursor = part.dataset.cursor || cursor; take(part); }
        }
      } catch { /* the stream's own error handler tells the reader */ }
      fetching = false;
      if (again) { again = false; fetchNew(); }
    };
    const connect = () => {
      const stream = new EventSource(`/api/v1/teleprinter/stream?after=${encodeURIComponent(cursor)}`);
      const heard = () => { pause = 1000; lastHeard = zulu(); $("offline").hidden = true; };
      stream.onopen = () => { heard(); fetchNew(); };
      stream.addEventListener("item", () => { heard(); fetchNew(); });
      stream.onerror = () => {
        stream.close();
        // The stream does not say why it ended; this asks, and goes to the door if the session has.
        fetchNew();
        if (pause > 1000) {
          $("offline").hidden = false;
          $("offline").textContent = body.dataset.offlineText.replace("{}", lastHeard);
        }
        setTimeout(connect, pause);
        pause = Math.min(pause * 2, 30000);
      };
      addEventListener("pagehide", () => stream.close(), { once: true });
    };
    fresh.addEventListener("click", () => {
      flush();
      (phone() ? window : list).scrollTo(0, 0);
      const top = list.querySelector(".row");
      if (top) top.focus();
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && !waiting.length) { unseen = 0; showTitle(); }
    });
    connect();
  }

  // Drafts are saved on the server within two seconds after typing stops.
  function draft() {
    const form = $("draft");
    if (!form) return;
    const status = $("saved");
    let timer = 0, saving = null, dirty = false, leaving = false;

    const say = (text, failed) => { status.textContent = text; status.classList.toggle("failed", Boolean(failed)); };
    const save = async () => {
      clearTimeout(timer);
      if (saving || !dirty || leaving) return;
      dirty = false;
      const data = new URLSearchParams(new FormData(form));
      say(status.dataset.saving);
      saving = fetch(form.dataset.autosave, { method: "POST", body: data, headers: { Accept: "application/json" } });
      try {
        const answer = await saving;
        if (answer.status === 401) { dirty = true; say(status.dataset.ended, true); }
        else {
          const saved = await answer.json();
          if (answer.ok && form.elements.id.value !== saved.id) adopt(saved.id);
          say(saved.text, !answer.ok);
        }
      } catch {
        dirty = true;
        say(status.dataset.failed, true);
        timer = setTimeout(save, 5000);
      }
      saving = null;
      if (dirty && !timer) later();
    };
    const adopt = (id) => {
      form.elements.id.value = id;
      form.action = `/drafts/${id}`;
      history.replaceState(null, "", `/drafts/${id}`);
    };
    const later = () => { clearTimeout(timer); timer = setTimeout(() => { timer = 0; save(); }, 1200); };
    form.addEventListener("input", () => { dirty = true; later(); });
    form.addEventListener("change", () => { dirty = true; later(); });
    form.addEventListener("submit", async (event) => {
      clearTimeout(timer);
      leaving = true;
      if (!saving) return;
      // The first save gives the draft its id: without it this would make a second draft.
      event.preventDefault();
      try { await saving; } catch { /* said above */ }
      setTimeout(() => form.requestSubmit(event.submitter), 0);
    });
    document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
    attach(form, async () => {
      // The first file of a draft that has no id yet gives it one.
      if (!form.elements.id.value) { dirty = true; await save(); }
      if (saving) await saving;
      return form.elements.id.value;
    });
  }

  // Files go chunk by chunk, three at a time, until all of them are there or the page is left.
  function attach(form, draftId) {
    const box = $("attach");
    const CHUNK = 262128, BYTES_MAX = 2147483648, AT_ONCE = 3;
    const list = box.querySelector("ul"), input = $("file");
    let sending = 0;

    const row = (file) => {
      const item = document.createElement("li");
      const name = document.createElement("bdi"), bar = document.createElement("progress"), state = document.createElement("span");
      name.textContent = file.name;
      bar.max = 100; bar.value = 0;
      bar.setAttribute("aria-label", file.name);
      state.className = "state";
      item.append(name, " ", bar, " ", state, " ");
      list.append(item);
      return { item, bar, say: (text, bad) => { state.textContent = text; state.classList.toggle("bad", Boolean(bad)); } };
    };
    const remover = (item, name) => {
      const button = document.createElement("button");
      button.type = "button"; button.dataset.drop = "";
      button.textContent = box.dataset.remove;
      button.setAttribute("aria-label", `${box.dataset.remove} ${name}`);
      item.append(button);
    };
    const refused = async (answer) => {
      try { return (await answer.json()).detail || answer.statusText; } catch { return answer.statusText; }
    };
    const send = async (file) => {
      const { item, bar, say } = row(file);
      if (file.size > BYTES_MAX) { say(box.dataset.large, true); bar.remove(); return; }
      say(box.dataset.uploading);
      const draft = await draftId();
      const path = `/api/v1/correspondence/${draft}/attachments`;
      const begun = draft && await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ name: file.name.normalize("NFC"), size: file.size }) }).catch(() => null);
      if (!begun || !begun.ok) { say(begun ? await refused(begun) : box.dataset.failed, true); bar.remove(); return; }
      const { id } = await begun.json();
      item.dataset.file = id;
      remover(item, file.name);
      const count = Math.max(1, Math.ceil(file.size / CHUNK));
      let next = 0, done = 0, failure = "";
      const worker = async () => {
        for (let index = next++; index < count && !failure && item.isConnected; index = next++) {
          const body = file.slice(index * CHUNK, (index + 1) * CHUNK);
          for (let pause = 1000; item.isConnected; pause = Math.min(pause * 2, 30000)) {
            const answer = await fetch(`${path}/${id}/chunks/${index}`, { method: "PUT", headers: { "Content-Type": "application/octet-stream" }, body }).catch(() => null);
            if (answer && answer.ok) break;
            if (answer && answer.status < 500 && answer.status !== 429) { failure = await refused(answer); return; }
            say(box.dataset.failed, true);
            await new Promise((resolve) => setTimeout(resolve, pause));
          }
          done += 1;
          bar.value = Math.floor(100 * done / count);
          say(`${box.dataset.uploading} ${bar.value} %`);
        }
      };
      sending += 1;
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      sending -= 1;
      bar.remove();
      say(failure || box.dataset.done, failure);
    };
    input.addEventListener("change", async () => {
      const files = [...input.files];
      input.value = "";
      for (const file of files) await send(file);
    });
    list.addEventListener("click", async (event) => {
      const button = event.target.closest("[data-drop]");
      if (!button) return;
      const item = button.closest("li");
      item.remove();
      const draft = form.elements.id.value;
      if (draft && item.dataset.file) await fetch(`/api/v1/correspondence/${draft}/attachments/${item.dataset.file}`, { method: "DELETE" }).catch(() => null);
      input.focus();
    });
    addEventListener("beforeunload", (event) => { if (sending) event.preventDefault(); });
  }

  // The picker of addressees: a list of buttons under the field; the field stays plain text.
  function picker() {
    document.addEventListener("click", (event) => {
      const offer = event.target.closest("[data-pick]");
      if (!offer) {
        if (!event.target.closest(".picker")) closeOffers();
        return;
      }
      const field = $(offer.dataset.field);
      const kept = field.value.split(/[,;]/).slice(0, -1).map((word) => word.trim()).filter(Boolean);
      field.value = [...kept, offer.dataset.pick].join(", ") + ", ";
      closeOffers();
      field.focus();
      field.form.dispatchEvent(new Event("change"));
    });
    document.addEventListener("keydown", (event) => {
      const box = event.target.closest(".picker");
      if (!box) return;
      const offers = [...box.querySelectorAll(".offer")];
      if (event.key === "Escape") { closeOffers(); box.querySelector("input").focus(); return; }
      if (!offers.length || !/^Arrow(Down|Up)$/.test(event.key)) return;
      event.preventDefault();
      const next = offers.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      (next < 0 ? box.querySelector("input") : offers[Math.min(next, offers.length - 1)]).focus();
    });
    document.addEventListener("focusin", (event) => { if (!event.target.closest(".picker")) closeOffers(); });
    const closeOffers = () => document.querySelectorAll(".offers").forEach((box) => box.replaceChildren());
  }

  // Keys. None works while one types, none with a modifier.
  function keys() {
    let after = "";
    const move = (step) => {
      const rows = [...document.querySelectorAll(".row")].filter(visible);
      if (!rows.length) return;
      const at = rows.indexOf(document.activeElement);
      const open = rows.findIndex((row) => row.hasAttribute("aria-current"));
      const from = at >= 0 ? at : open;
      rows[Math.max(0, Math.min(rows.length - 1, from + step))].focus();
    };
    const press = (key) => {
      const target = [...document.querySelectorAll(`[data-key="${key}"]`)].find(visible);
      if (target) target.click();
      return Boolean(target);
    };
    const help = () => { const box = $("keys"); if (box) box.showModal(); };
    const acts = {
      j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1),
      a: () => press("a"), r: () => press("r"), c: () => press("c"),
      n: () => { const fresh = $("fresh"); if (visible(fresh)) fresh.click(); },
      "/": () => { const search = $("search"); if (search) { search.focus(); search.select(); } },
      "?": help,
    };
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.key === "Escape" && document.activeElement === $("search")) { $("search").blur(); return; }
      if (typing(event.target) || document.querySelector("dialog[open]")) return;
      if (after === "g") {
        after = "";
        if (event.key === "h") location.assign("/");
        return;
      }
      if (event.key === "g") { after = "g"; setTimeout(() => { after = ""; }, 1500); return; }
      const arrow = event.key.startsWith("Arrow");
      if (arrow && !document.activeElement.matches(".row")) return;
      const act = acts[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    });
  }

  // A paper opens in the pane beside the list; on a phone the link is followed to its own page.
  function pane() {
    document.addEventListener("htmx:beforeRequest", (event) => {
      const row = event.target.closest(".row");
      if (row && phone()) { event.preventDefault(); location.assign(row.href); }
    });
    document.addEventListener("htmx:responseError", (event) => {
      const row = event.target.closest(".row");
      if (row) location.assign(row.href);
    });
    document.addEventListener("htmx:afterSwap", (event) => {
      if (event.target.id !== "pane") return;
      const open = event.target.querySelector("[data-item]");
      body.classList.add("reading");
      document.querySelectorAll(".list .row[aria-current]").forEach((row) => row.removeAttribute("aria-current"));
      const line = open && document.querySelector(`.line[data-id="${CSS.escape(open.dataset.item)}"]`);
      if (line) {
        const row = line.querySelector(".row");
        row.setAttribute("aria-current", "true");
        if (row.classList.contains("unread")) countUnread(-1);
        row.classList.remove("unread");
        row.querySelectorAll(".from .dot, .from .visually-hidden").forEach((mark) => mark.remove());
      }
      event.target.scrollTop = 0;
      const heading = $("paper-subject");
      if (heading) heading.focus({ preventScroll: true });
      document.dispatchEvent(new Event("valise:opened"));
    });
  }
})();

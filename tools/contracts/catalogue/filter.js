// Shows the events whose name, fields or meaning hold what is typed.
const field = document.getElementById("filter");
field.addEventListener("input", () => {
  const wanted = field.value.trim().toLowerCase();
  for (const article of document.querySelectorAll("article")) {
    article.hidden = !article.textContent.toLowerCase().includes(wanted);
    const links = [...document.querySelectorAll("nav li a")];
    const link = links.find((a) => a.hash === `#${article.id}`);
    if (link) link.parentElement.hidden = article.hidden;
  }
});

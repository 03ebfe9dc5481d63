document.querySelector("nav").addEventListener("click", (event) => event.currentTarget.classList.add("used"));

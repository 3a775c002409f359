"use strict";
// Begins when all other scripts are there.
speak(language);
filterBy(() => []);
listPeople();

"""The page: `streamlit run app.py`. It only chooses what to show; see `docs/architecture.md`."""

from pathlib import Path

import streamlit as st

from ui import about, cohort, consult, knowledge_view

UI = Path(__file__).parent / "ui"

st.set_page_config(page_title="Vertebral fracture pathway", page_icon=UI / "icon.png", layout="wide")  # a named icon would come from the web
st.html(UI / "style.css")
page = st.navigation(
    [
        st.Page(consult.show, title="Consult", icon=":material/stethoscope:", url_path="consult", default=True),
        st.Page(cohort.show, title="Cohort", icon=":material/table:", url_path="cohort"),
        st.Page(knowledge_view.show, title="Knowledge", icon=":material/menu_book:", url_path="knowledge"),
        st.Page(about.show, title="About", icon=":material/info:", url_path="about"),
    ],
    position="top",
)
page.run()
with st.container(key="version"):
    st.caption(about.version_line())

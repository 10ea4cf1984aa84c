"""The page: `streamlit run app.py`. It only chooses what to show; see `docs/architecture.md`."""

from pathlib import Path

import streamlit as st

from ui import about, cohort, consult

st.set_page_config(page_title="Vertebral fracture pathway", page_icon=":material/orthopedics:", layout="wide")
st.html(Path(__file__).parent / "ui" / "style.css")
page = st.navigation(
    [
        st.Page(consult.show, title="Consult", icon=":material/stethoscope:", url_path="consult", default=True),
        st.Page(cohort.show, title="Cohort", icon=":material/table:", url_path="cohort"),
        st.Page(about.show, title="About", icon=":material/info:", url_path="about"),
    ],
    position="top",
)
page.run()
st.caption(about.version_line())

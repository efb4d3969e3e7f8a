"""Markers: what the transduced signal does to plasticity, network, inflammation and stress hormones."""
